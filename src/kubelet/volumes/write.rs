//! Writes a volume's files so that a reader sees all of the old ones or all of the new ones, as Kubernetes' kubelet does.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go>

use std::collections::BTreeSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use super::order::{File, Files, Owner};
use super::own::own;
use super::volume::inside;
use crate::api::names;

/// The link that is swapped.
const DATA: &str = "..data";

/// Makes the folder hold exactly these files: they lie in `..<hash>`, the link `..data` leads there, and the names that
/// containers see are links through `..data`. With an owner, all of it is made the group's before it is shown. Returns
/// whether anything changed; unchanged content is not touched.
///
/// # Errors
/// If the folder can't be written, or a path leads out of it.
pub fn write(folder: &Path, files: &Files, owner: Option<&Owner>) -> io::Result<bool> {
    let fresh = format!("..{}", hash(files, owner));
    if fs::read_link(folder.join(DATA)).is_ok_and(|now| now == Path::new(&fresh)) {
        return Ok(false);
    }
    make(folder)?;
    // One of this name that `..data` does not lead to is what a crash left unfinished.
    remove(&folder.join(&fresh))?;
    make(&folder.join(&fresh))?;
    let shown = unfold(&folder.join(&fresh), files)?;
    if let Some(owner) = owner {
        own(folder, Owner { always: true, ..*owner })?;
    }
    let swap = folder.join("..data_tmp");
    remove(&swap)?;
    symlink(&fresh, &swap)?;
    fs::rename(&swap, folder.join(DATA))?;
    for name in &shown {
        let link = folder.join(name);
        if link.symlink_metadata().is_err() {
            symlink(Path::new(DATA).join(name), link)?;
        }
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != DATA && name != fresh && !shown.contains(&name) {
            remove(&folder.join(name))?;
        }
    }
    Ok(true)
}

/// Writes files into a new folder; returns the names at its top.
fn unfold(folder: &Path, files: &Files) -> io::Result<BTreeSet<String>> {
    let mut shown = BTreeSet::new();
    for (path, file) in files {
        let path = inside(path).map_err(io::Error::other)?;
        let top = path.split('/').next().unwrap_or_default();
        if top.is_empty() || top.starts_with("..") {
            return Err(io::Error::other(format!("\"{path}\" can't be the name of a file")));
        }
        shown.insert(top.to_owned());
        let target = folder.join(&path);
        make(target.parent().unwrap_or(folder))?;
        fs::write(&target, &file.bytes)?;
        if file.user.is_some() {
            chown(&target, file.user, None)?;
        }
        fs::set_permissions(&target, Permissions::from_mode(file.mode))?;
    }
    Ok(shown)
}

/// Makes a directory inside a volume if nothing is there, with owner and permissions of the one above it.
///
/// # Errors
/// If the volume can't be written, or a link on the way leads out of it: what containers mount is bound by the engine
/// with the host's rights.
pub fn make_inside(volume: &Path, path: &str) -> io::Result<()> {
    let root = volume.canonicalize()?;
    let mut at = root.clone();
    for part in inside(path).map_err(io::Error::other)?.split('/') {
        let above = fs::metadata(&at)?;
        at.push(part);
        if at.symlink_metadata().is_err() {
            fs::create_dir(&at)?;
            chown(&at, Some(above.uid()), Some(above.gid()))?;
            fs::set_permissions(&at, Permissions::from_mode(above.mode() & 0o7777))?;
        }
        at = at.canonicalize()?;
        if !at.starts_with(&root) {
            return Err(io::Error::other(format!("\"{path}\" leads out of the volume by a link")));
        }
    }
    Ok(())
}

/// Makes a directory that anyone can read, and those above it.
pub fn make(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o755).create(folder)
}

/// Removes a file, link or folder; it is no error if it is gone.
pub fn remove(path: &Path) -> io::Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(e) => Err(e),
    };
    removed.or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(e) })
}

fn hash(files: &Files, owner: Option<&Owner>) -> String {
    let mut all = format!("{owner:?}").into_bytes();
    for (path, file) in files {
        let File { mode, user, bytes } = file;
        all.extend_from_slice(format!("{path}\0{mode:o}\0{user:?}\0{}\0", bytes.len()).as_bytes());
        all.extend_from_slice(&file.bytes);
    }
    names::digest(&all, 16)
}

#[cfg(test)]
mod tests;
