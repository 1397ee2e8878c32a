//! Our own signing secrets, and the file that rehearsal keeps them in.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::SecretString;

use crate::errors::Problem;
use crate::groups::Groups;

const FILE: &str = "secrets.json";

/// Our own signing secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// Signs the tokens of the agents API.
    pub auth_key: SecretString,
    /// The key before a rotation: verifies, never signs.
    pub auth_key_previous: Option<SecretString>,
    /// Checks webhooks of the shop; without it each is refused.
    pub shopify_webhook: Option<SecretString>,
    /// Checks webhooks of payments; without it each is refused.
    pub stripe_webhook: Option<SecretString>,
    /// Checks webhooks of printing; without it each is refused.
    pub printful_webhook: Option<SecretString>,
}

impl Secrets {
    pub(crate) fn from_groups(groups: &Groups) -> Option<Self> {
        Some(Self {
            auth_key: groups.auth.secret_key.clone()?,
            auth_key_previous: groups.auth.secret_key_previous.clone(),
            shopify_webhook: groups.shop.webhook_secret.clone(),
            stripe_webhook: groups.payments.webhook_secret.clone(),
            printful_webhook: groups.print.webhook_secret.clone(),
        })
    }
}

/// The secrets of the data folder, those that are missing having been generated. A file that cannot be understood is
/// never replaced: tokens and webhooks hang on what it holds.
pub(crate) fn ensure(data_dir: &Path, groups: &Groups) -> Result<BTreeMap<String, String>, Problem> {
    let path = data_dir.join(FILE);
    let problem = |what: String, remedy: &str| Problem {
        name: path.to_string_lossy().into_owned(),
        what,
        remedy: remedy.to_owned(),
    };
    let unusable = |error: io::Error| {
        problem(format!("cannot be read or written ({})", error.kind()), "give this user the folder HOLLY_DATA_DIR")
    };
    create_private_folder(data_dir).map_err(unusable)?;
    // Two processes that start on one folder must end with the same secrets; dropping the file unlocks.
    let lock = private(OpenOptions::new().create(true).truncate(false).write(true))
        .open(data_dir.join("secrets.lock"))
        .map_err(unusable)?;
    lock.lock().map_err(unusable)?;
    let mut known: BTreeMap<String, String> = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map_err(|_| {
            problem("is not a JSON object of texts".to_owned(), "restore it, or move it away to have new secrets made")
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(unusable(error)),
    };
    let mut changed = false;
    for (name, kind) in wanted(groups) {
        if !known.contains_key(name) {
            known.insert(name.to_owned(), kind.make().map_err(unusable)?);
            changed = true;
        }
    }
    if changed {
        write_private(data_dir, &path, &known).map_err(unusable)?;
    }
    restrict(&path).map_err(unusable)?;
    Ok(known)
}

/// What is generated.
#[derive(Clone, Copy)]
enum Kind {
    /// So many random bytes, for programs.
    Key(usize),
    /// Something that a person types.
    Password,
}

impl Kind {
    fn make(self) -> io::Result<String> {
        match self {
            Self::Key(bytes) => {
                let mut buffer = vec![0_u8; bytes];
                SysRng.try_fill_bytes(&mut buffer).map_err(|_| io::Error::other("no random source"))?;
                Ok(URL_SAFE_NO_PAD.encode(buffer))
            }
            Self::Password => new_password(),
        }
    }
}

/// Names of what is generated.
fn wanted(groups: &Groups) -> Vec<(&'static str, Kind)> {
    let mut wanted = vec![
        ("AUTH_SECRET_KEY", Kind::Key(48)),
        ("SHOPIFY_WEBHOOK_SECRET", Kind::Key(24)),
        ("STRIPE_WEBHOOK_SECRET", Kind::Key(24)),
        ("PRINTFUL_WEBHOOK_SECRET", Kind::Key(24)),
    ];
    if groups.console.user_password.is_none() && groups.console.user_password_hash.is_none() {
        wanted.push(("HOLLY_CONSOLE_USER_PASSWORD", Kind::Password));
    }
    wanted
}

/// A new password that can be read aloud and typed: four groups of four from 32 characters without look-alikes, which
/// are 80 bits.
///
/// # Errors
/// When the system has no random source.
pub fn new_password() -> io::Result<String> {
    const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let mut buffer = [0_u8; 16];
    SysRng.try_fill_bytes(&mut buffer).map_err(|_| io::Error::other("no random source"))?;
    let mut text = String::with_capacity(19);
    for (place, byte) in buffer.into_iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
    }
    Ok(text)
}

/// Written beside and renamed, so that a kill leaves the old file or the new one.
fn write_private(data_dir: &Path, path: &Path, known: &BTreeMap<String, String>) -> io::Result<()> {
    let beside = data_dir.join("secrets.json.new");
    let mut file: File = private(OpenOptions::new().create(true).truncate(true).write(true)).open(&beside)?;
    file.write_all(serde_json::to_string_pretty(known)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(beside, path)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn restrict(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
}

#[cfg(not(unix))]
fn restrict(_path: &Path) -> io::Result<()> {
    Ok(())
}

fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
