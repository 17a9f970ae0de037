//! Keys and values from files, folders, env files and literals.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::cli::args::Sources;
use crate::cli::error::Error;

/// Keys and their values.
pub type Data = BTreeMap<String, Vec<u8>>;

/// Reads all sources.
///
/// # Errors
/// A file that can't be read, what is no `KEY=VALUE`, a key that can't be one, or one that is there twice.
pub fn read(sources: &Sources) -> Result<Data, Error> {
    let mut data = Data::new();
    for source in &sources.from_file {
        for (key, file) in files(source)? {
            add(&mut data, key, content(&file)?)?;
        }
    }
    for literal in &sources.from_literal {
        let (key, value) = literal
            .split_once('=')
            .ok_or_else(|| Error::usage(format!("invalid literal source \"{literal}\", expected KEY=VALUE")))?;
        // As kubectl: quotes around the whole value are the shell's business that it did not mind.
        let bare = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.strip_suffix(*q)).unwrap_or(value);
        add(&mut data, key.to_owned(), bare.as_bytes().to_vec())?;
    }
    for file in &sources.from_env_file {
        let bytes = content(file)?;
        let text = String::from_utf8(bytes).map_err(|_| Error::user(format!("{file} is not UTF-8 text")))?;
        for (key, value) in variables(&text).map_err(|why| Error::user(format!("{file}:{why}")))? {
            add(&mut data, key, value.into_bytes())?;
        }
    }
    Ok(data)
}

/// The content of a file.
///
/// # Errors
/// It can't be read.
pub fn content(file: &str) -> Result<Vec<u8>, Error> {
    fs::read(file).map_err(|e| Error::user(format!("error reading {file}")).because(&e))
}

/// `[KEY=]FILE`, or a folder for the files in it: keys and paths.
fn files(source: &str) -> Result<Vec<(String, String)>, Error> {
    if let Some((key, file)) = source.split_once('=') {
        if key.is_empty() || file.is_empty() {
            return Err(Error::usage(format!("\"{source}\" is not of the form KEY=FILE")));
        }
        return Ok(vec![(key.to_owned(), file.to_owned())]);
    }
    let path = Path::new(source);
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if !path.is_dir() {
        return Ok(vec![(name(path), source.to_owned())]);
    }
    let unreadable = |e: std::io::Error| Error::user(format!("error reading {source}")).because(&e);
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_file() {
            found.push((name(&path), path.display().to_string()));
        }
    }
    found.sort();
    Ok(found)
}

/// The lines of an env file. A name alone takes its value from the environment.
fn variables(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (line, std::env::var(line).ok()),
        };
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(format!("{}: \"{name}\" is not a valid key name", index + 1));
        }
        found.extend(value.map(|value| (name.to_owned(), value)));
    }
    Ok(found)
}

/// <https://kubernetes.io/docs/concepts/configuration/configmap/#configmap-object>
fn add(data: &mut Data, key: String, value: Vec<u8>) -> Result<(), Error> {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if key.is_empty() || key.len() > 253 || !key.chars().all(fit) || key == "." || key.starts_with("..") {
        return Err(Error::user(format!("\"{key}\" is not a valid key: letters, digits, '-', '_' or '.'")));
    }
    if data.contains_key(&key) {
        return Err(Error::user(format!("cannot add key \"{key}\", another key by that name already exists")));
    }
    data.insert(key, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn env_files_are_lines_of_names_and_values() {
        let read = variables("\u{feff}# a\nA=1\n\n  B=x=y # no remark\nC=\nWHARF_NOT_THERE\n").unwrap();
        let read: Vec<String> = read.into_iter().map(|(k, v)| format!("{k}:{v}")).collect();
        assert_eq!(read, ["A:1", "B:x=y # no remark", "C:"]);
        assert_eq!(variables("A=1\nb c=2\n"), Err("2: \"b c\" is not a valid key name".to_owned()));
    }

    #[test]
    fn keys_are_checked_and_come_once() {
        let literals = |words: &[&str]| {
            let from_literal = words.iter().map(|w| (*w).to_owned()).collect();
            read(&Sources { from_literal, ..Sources::default() }).map_err(|e| e.to_string())
        };
        assert_eq!(
            literals(&["a='x y'", "b=c=d"]).unwrap(),
            Data::from([("a".into(), b"x y".to_vec()), ("b".into(), b"c=d".to_vec())])
        );
        assert!(literals(&["a=1", "a=2"]).unwrap_err().contains("another key by that name already exists"));
        assert!(literals(&["a b=1"]).unwrap_err().contains("is not a valid key"));
        assert!(literals(&["a"]).unwrap_err().contains("expected KEY=VALUE"));
    }
}
