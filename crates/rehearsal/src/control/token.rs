//! The bearer token of the control server, in a file that only the owner may read.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Reads `rehearsal.token` in `folder`, or makes it from what `random` fills in.
pub(crate) fn make(folder: &Path, random: &mut dyn FnMut(&mut [u8])) -> io::Result<String> {
    let path = folder.join("rehearsal.token");
    match std::fs::read_to_string(&path) {
        Ok(token) if token.trim().len() >= 32 => return Ok(token.trim().to_owned()),
        Ok(_) => std::fs::remove_file(&path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let mut bytes = [0_u8; 32];
    random(&mut bytes);
    let token = hex::encode(bytes);
    let mut file = private(&path)?;
    file.write_all(token.as_bytes())?;
    file.sync_all()?;
    Ok(token)
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Whether two tokens are the same, in a time that does not tell where they differ.
pub(crate) fn same(sent: &str, held: &str) -> bool {
    sent.len() == held.len() && sent.bytes().zip(held.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
