//! Where the settings come from: the environment and the working directory, taken once and handed around.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

/// What a process is started with. Tests make one with [`EnvSource::fixed`] and never touch the process's own.
#[derive(Clone)]
pub struct EnvSource {
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) not_unicode: Vec<String>,
    pub(crate) working_dir: PathBuf,
    pub(crate) dot_env: DotEnvFile,
    host_file: Option<String>,
}

#[derive(Clone)]
pub(crate) enum DotEnvFile {
    Absent,
    Text(String),
    Unreadable(io::ErrorKind),
}

impl EnvSource {
    /// The environment of this process and the `.env` of its working directory.
    ///
    /// # Errors
    /// When the working directory cannot be told (it was removed).
    pub fn process() -> io::Result<Self> {
        let working_dir = env::current_dir()?;
        let mut source = Self::fixed(&working_dir, std::iter::empty::<(String, String)>());
        for (name, value) in env::vars_os() {
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => {
                    source.variables.insert(name, value);
                }
                Err(_) => source.not_unicode.push(name),
            }
        }
        source.dot_env = match fs::read_to_string(working_dir.join(".env")) {
            Ok(text) => DotEnvFile::Text(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => DotEnvFile::Absent,
            Err(error) => DotEnvFile::Unreadable(error.kind()),
        };
        source.host_file = fs::read_to_string("/etc/hostname").ok();
        Ok(source)
    }

    /// Just these variables, no `.env`, in this working directory.
    pub fn fixed<N: Into<String>, V: Into<String>>(
        working_dir: impl AsRef<Path>,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        Self {
            variables: variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            not_unicode: Vec::new(),
            working_dir: working_dir.as_ref().to_owned(),
            dot_env: DotEnvFile::Absent,
            host_file: None,
        }
    }

    /// The same with the text of a `.env`.
    #[must_use]
    pub fn with_dot_env(mut self, text: impl Into<String>) -> Self {
        self.dot_env = DotEnvFile::Text(text.into());
        self
    }

    /// The same with one variable more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The raw text of one variable, for what is no setting of the product (the test harness's own names, `PATH` of a
    /// child). Empty counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The name of this machine, or `holly` when it has none.
    pub(crate) fn host_name(&self) -> &str {
        let named = |text: &'_ str| !text.trim().is_empty();
        self.host_file
            .as_deref()
            .filter(|text| named(text))
            .or_else(|| self.get("HOSTNAME").filter(|text| named(text)))
            .or_else(|| self.get("COMPUTERNAME").filter(|text| named(text)))
            .map_or("holly", str::trim)
    }
}

impl fmt::Debug for EnvSource {
    /// Names only: the values hold every secret there is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnvSource")
            .field("variables", &self.variables.keys().collect::<Vec<_>>())
            .field("working_dir", &self.working_dir)
            .finish_non_exhaustive()
    }
}
