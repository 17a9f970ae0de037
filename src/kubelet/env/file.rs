//! The env file of a container: what it was started with, in the form that `docker run --env-file` takes.

use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The environment in the form of `docker run --env-file`. That form has no quoting: a variable that it can't hold (a
/// value of several lines, above all) becomes a comment that names it.
/// <https://docs.docker.com/reference/cli/docker/container/run/#env>
#[must_use]
pub fn render_file(env: &[(String, String)]) -> String {
    let line = |(name, value): &(String, String)| match unfit(name, value) {
        None => format!("{name}={value}\n"),
        Some(why) => format!("# {} is left out: {why}\n", name.escape_debug()),
    };
    env.iter().map(line).collect()
}

/// Why the form can't hold a variable: it is read line by line, trims names, drops a carriage return at a line's end
/// and gives up on lines of 64 KiB.
fn unfit(name: &str, value: &str) -> Option<&'static str> {
    if value.contains('\n') || value.ends_with('\r') {
        Some("its value has several lines")
    } else if name.starts_with('#') || name.contains(char::is_whitespace) {
        Some("its name has a space or a leading #")
    } else if name.len() + value.len() >= 65_000 {
        Some("its value is too long")
    } else {
        None
    }
}

/// Writes the env file of a container, readable for the agent only, in place of the former one.
///
/// # Errors
/// If the state volume can't be written.
pub fn write_file(state_root: &Path, uid: &str, container: &str, env: &[(String, String)]) -> io::Result<()> {
    let path = path(state_root, uid, container);
    let folder = path.parent().unwrap_or(state_root);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let fresh = path.with_extension("new");
    // One left behind by a crash might have other rights.
    match std::fs::remove_file(&fresh) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    file.write_all(render_file(env).as_bytes())?;
    std::fs::rename(&fresh, &path)
}

/// The env file that a container was started with.
///
/// # Errors
/// `NotFound` if the container was never started; others if the state volume can't be read.
pub fn read_file(state_root: &Path, uid: &str, container: &str) -> io::Result<String> {
    std::fs::read_to_string(path(state_root, uid, container))
}

fn path(state_root: &Path, uid: &str, container: &str) -> PathBuf {
    state_root.join("pods").join(uid).join("env").join(format!("{container}.env"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn holds_what_the_form_can_hold() {
        let env = [("A", "a b = 'c'"), ("B", ""), ("KEY", "-----\nsecret\n"), ("C", " # "), ("a b", "x")];
        let env = env.map(|(n, v)| (n.to_owned(), v.to_owned()));
        let root = std::env::temp_dir().join(format!("wharf-env-{}", std::process::id()));
        write_file(&root, "u1", "web", &env[..1]).unwrap();
        write_file(&root, "u1", "web", &env).unwrap();
        let mode = std::fs::metadata(root.join("pods/u1/env/web.env")).unwrap().permissions().mode();
        let text = read_file(&root, "u1", "web");
        std::fs::remove_dir_all(&root).unwrap();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            text.unwrap(),
            "A=a b = 'c'\nB=\n# KEY is left out: its value has several lines\nC= # \n\
             # a b is left out: its name has a space or a leading #\n"
        );
    }
}
