//! Reads files, folders, standard input and addresses; the only effect of this room.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Diagnostic;

/// A manifest of more than this many bytes is no manifest.
const MAX_BYTES: u64 = 8 << 20;
/// How long an address may take to answer in full.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What `-f` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `-`.
    Stdin,
    /// An `http://` or `https://` address.
    Url(String),
    /// A file or a folder.
    Path(PathBuf),
}

impl From<&str> for Input {
    fn from(text: &str) -> Self {
        match text {
            "-" => Self::Stdin,
            _ if text.starts_with("http://") || text.starts_with("https://") => Self::Url(text.to_owned()),
            _ => Self::Path(text.into()),
        }
    }
}

/// The text of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The file as it was named, its address, or `-`.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// All that was read, and what could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// The texts, in the order named, those of a folder by name.
    pub texts: Vec<Text>,
    /// What could not be read.
    pub problems: Vec<Diagnostic>,
}

/// Reads everything named; of folders the `.yaml`, `.yml` and `.json` files, and with `recursive` their folders' too.
/// It blocks, on addresses for up to 30 seconds each.
pub fn read(inputs: &[Input], recursive: bool) -> Files {
    let mut files = Files::default();
    for input in inputs {
        match input {
            Input::Stdin => files.add("-", text(io::stdin().lock())),
            Input::Url(url) => files.add(url, fetch(url)),
            Input::Path(path) if path.is_dir() => files.add_folder(path, recursive),
            Input::Path(path) => files.add_file(path),
        }
    }
    files
}

impl Files {
    fn add(&mut self, name: &str, text: Result<String, String>) {
        match text {
            Ok(text) => self.texts.push(Text { name: name.to_owned(), text }),
            Err(why) => self.problems.push(Diagnostic::of_file(name, why)),
        }
    }

    fn add_file(&mut self, path: &Path) {
        let file = fs::File::open(path).map_err(|e| unreadable(&e));
        self.add(&path.display().to_string(), file.and_then(text));
    }

    fn add_folder(&mut self, folder: &Path, recursive: bool) {
        let name = folder.display().to_string();
        let entries = fs::read_dir(folder).and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect());
        let mut paths: Vec<PathBuf> = match entries {
            Ok(paths) => paths,
            Err(e) => return self.problems.push(Diagnostic::of_file(&name, unreadable(&e))),
        };
        paths.sort();
        let before = self.texts.len() + self.problems.len();
        for path in &paths {
            if path.is_dir() && recursive {
                self.add_folder(path, true);
            } else if path.is_file() && is_manifest(path) {
                self.add_file(path);
            }
        }
        if before == self.texts.len() + self.problems.len() && !recursive {
            let problem = Diagnostic::of_file(&name, "no .yaml, .yml or .json file in this folder");
            let nested = paths.iter().any(|path| path.is_dir());
            self.problems.push(if nested { problem.with_hint("-R reads the folders in it too") } else { problem });
        }
    }
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
}

fn text(source: impl Read) -> Result<String, String> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("is larger than {} MiB", MAX_BYTES >> 20));
    }
    String::from_utf8(bytes).map_err(|e| format!("is not UTF-8 text, from byte {}", e.utf8_error().valid_up_to()))
}

/// In the system's words, without its number.
fn unreadable(error: &io::Error) -> String {
    let words = error.to_string();
    format!("can't be read: {}", words.split(" (os error").next().unwrap_or_default().to_lowercase())
}

fn fetch(url: &str) -> Result<String, String> {
    let agent = ureq::Agent::new_with_config(ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).build());
    let response = agent.get(url).call().map_err(|e| format!("can't be fetched: {e}"))?;
    text(response.into_body().into_reader())
}
