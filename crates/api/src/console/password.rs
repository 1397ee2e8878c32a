//! Passwords: Argon2id with the parameters of RFC 9106 section 4 as OWASP scales them (19 MiB, two passes, one lane).

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use clock::Ids;

/// Most characters of a password; longer ones are refused unread, so that nobody makes the server hash a book.
pub const MAX_CHARS: usize = 256;
/// Fewest characters of a password that a person chooses.
pub const MIN_CHARS: usize = 12;

/// A password that cannot be hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct HashError;

/// Of a password that nobody knows; checked where there is no user, so that both cases take equally long.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZGVjb3lkZWNveWRlY295$JHLm84GCmRmOQD0i3ozHGfKUK4l1rDLZzlWEIJWBYG8";

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

/// The hash of `password` in its standard form (`$argon2id$v=19$...`), with a fresh salt. Takes a noticeable moment.
///
/// # Errors
/// When the library refuses.
pub fn hash(password: &str, ids: &Ids) -> Result<String, HashError> {
    // 22 base64 characters are the customary 16 bytes; hexadecimal digits are a subset of that alphabet.
    let salt = SaltString::from_b64(&ids.hex(16)).map_err(|_| HashError)?;
    Ok(argon2().hash_password(password.as_bytes(), &salt).map_err(|_| HashError)?.to_string())
}

/// Whether `password` belongs to `hash`. A hash that cannot be read belongs to no password, and says so after the same
/// work.
#[must_use]
pub fn verify(password: &str, hash: Option<&str>) -> bool {
    let known = hash.and_then(|text| PasswordHash::new(text).ok());
    let belongs = |hash: &PasswordHash<'_>| argon2().verify_password(password.as_bytes(), hash).is_ok();
    match known {
        Some(hash) => belongs(&hash),
        None => {
            let _ = PasswordHash::new(NOBODY).is_ok_and(|hash| belongs(&hash));
            false
        }
    }
}

/// A short text that changes with the hash; stands in cookies, so that a new password ends the sessions of the old one.
#[must_use]
pub fn fingerprint(hash: &str) -> String {
    use sha2::Digest as _;
    use std::fmt::Write as _;
    sha2::Sha256::digest(hash.as_bytes()).iter().take(8).fold(String::with_capacity(16), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_nobody_costs_as_much_as_any_other() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        assert!(nobody.hash.is_some() && nobody.salt.is_some());
        assert!(hash("x", &Ids::random()).unwrap().starts_with(&NOBODY[..NOBODY.rfind("p=1").unwrap()]));
    }

    #[test]
    fn a_password_belongs_to_its_own_hash_only() {
        let ids = Ids::random();
        let one = hash("correct horse", &ids).unwrap();
        let two = hash("correct horse", &ids).unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, two, "every hash has a salt of its own");
        assert_ne!(fingerprint(&one), fingerprint(&two));
        assert!(verify("correct horse", Some(&one)));
        assert!(!verify("correct horsf", Some(&one)));
        assert!(!verify("correct horse", None));
        assert!(!verify("correct horse", Some("not a hash")));
    }
}
