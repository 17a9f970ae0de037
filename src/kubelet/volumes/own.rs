//! Gives volumes to the group of a pod, as Kubernetes' kubelet does.
//! <https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/volume_linux.go>

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::Path;

use super::order::Owner;

const SETGID: u32 = 0o2000;
const EXECUTE: u32 = 0o110;

impl Owner {
    /// What user and group may do with files.
    fn mask(self) -> u32 {
        if self.read_only { 0o440 } else { 0o660 }
    }

    /// The permissions of what had these.
    #[must_use]
    pub fn mode(self, mode: u32, directory: bool) -> u32 {
        mode | self.mask() | if directory { SETGID | EXECUTE } else { 0 }
    }
}

/// Makes all that is in the folder, and last the folder, the group's: so that one whose own group is right is right
/// inside too, even if this was interrupted before.
///
/// # Errors
/// If something in it can't be changed.
pub fn own(folder: &Path, owner: Owner) -> io::Result<()> {
    let root = fs::symlink_metadata(folder)?;
    let wanted = owner.mode(0, true);
    if !owner.always && root.gid() == owner.group && root.mode() & wanted == wanted {
        return Ok(());
    }
    give(folder, &root, owner)
}

fn give(path: &Path, data: &fs::Metadata, owner: Owner) -> io::Result<()> {
    if data.is_dir() {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            match entry.metadata() {
                Ok(data) => give(&entry.path(), &data, owner)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    lchown(path, None, Some(owner.group))?;
    if data.is_symlink() {
        return Ok(());
    }
    // After the change of the group, which takes such bits away.
    fs::set_permissions(path, Permissions::from_mode(owner.mode(data.mode() & 0o7777, data.is_dir())))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn all_of_a_volume_is_the_groups() {
        let root = std::env::temp_dir().join(format!("wharf-own-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("dir")).unwrap();
        fs::write(root.join("dir/file"), "x").unwrap();
        symlink("/etc/passwd", root.join("link")).unwrap();
        let chmod = |path: &str, mode| fs::set_permissions(root.join(path), Permissions::from_mode(mode)).unwrap();
        let state = |path: &str| {
            let data = root.join(path).symlink_metadata().unwrap();
            (data.gid(), data.mode() & 0o7777)
        };
        chmod("", 0o700);
        chmod("dir", 0o755);
        chmod("dir/file", 0o600);
        let outside = fs::metadata("/etc/passwd").unwrap().mode();
        // Root may give files to any group, others only to their own.
        let mine = fs::metadata(&root).unwrap();
        let group = if mine.uid() == 0 { 4711 } else { mine.gid() };
        own(&root, Owner { group, always: false, read_only: false }).unwrap();
        assert_eq!([state(""), state("dir"), state("dir/file")], [(group, 0o2770), (group, 0o2775), (group, 0o660)]);
        assert_eq!((state("link").0, fs::metadata("/etc/passwd").unwrap().mode()), (group, outside));

        chmod("dir/file", 0o600);
        own(&root, Owner { group, always: false, read_only: false }).unwrap();
        assert_eq!(state("dir/file"), (group, 0o600), "the volume itself is as it should be");
        own(&root, Owner { group, always: true, read_only: true }).unwrap();
        assert_eq!(state("dir/file"), (group, 0o640));
        fs::remove_dir_all(&root).unwrap();
    }
}
