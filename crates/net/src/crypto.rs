//! The cryptography under TLS.

/// Installs ring as the process's TLS provider. Safe to call more than once and from any thread; call it first in `main`
/// and in the set-up of a test that opens a TLS connection.
pub fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // The loser of a race finds the same provider installed, which is all it wanted.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}
