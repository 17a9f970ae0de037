//! Carries out what is to be done inside a volume, where it is mounted.

use std::fs::{self, FileType};
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::order::{Demand, HostPathType, Order};
use super::own::own;
use super::write::{make_inside, write};

/// Does all of it. Ownership of what is the containers' own is only set where `first` says that it was not before: what
/// containers change then is theirs.
///
/// # Errors
/// If the volume can't be written, is not what it must be, or a path leads out of it.
pub fn obey(folder: &Path, order: &Order, first: bool) -> io::Result<()> {
    if let Some(demand) = &order.demand {
        check(folder, demand)?;
    }
    if let Some(files) = &order.files {
        write(folder, files, order.owner.as_ref())?;
    }
    order.parts.iter().try_for_each(|part| make_inside(folder, part))?;
    match &order.owner {
        Some(owner) if first && order.files.is_none() => own(folder, *owner),
        _ => Ok(()),
    }
}

fn check(path: &Path, demand: &Demand) -> io::Result<()> {
    let is: fn(&FileType) -> bool = match demand.kind {
        HostPathType::FileOrCreate => return create(path, demand),
        HostPathType::Directory => FileType::is_dir,
        HostPathType::File => FileType::is_file,
        HostPathType::Socket => FileType::is_socket,
        HostPathType::CharDevice => FileType::is_char_device,
        HostPathType::BlockDevice => FileType::is_block_device,
    };
    let found = fs::metadata(path)?.file_type();
    if is(&found) { Ok(()) } else { Err(io::Error::other(demand.to_string())) }
}

/// Makes an empty file, if nothing is there, in the mounted directory.
fn create(directory: &Path, demand: &Demand) -> io::Result<()> {
    let wrong = || io::Error::other(demand.to_string());
    let path = directory.join(Path::new(&demand.path).file_name().ok_or_else(wrong)?);
    match fs::File::create_new(&path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let found = fs::symlink_metadata(&path)?;
            // A link may lead to where only the Docker host can see.
            if found.is_file() || found.is_symlink() { Ok(()) } else { Err(wrong()) }
        }
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kubelet::volumes::{File, Files};

    fn check_of(kind: HostPathType, path: &Path) -> String {
        let demand = Some(Demand { path: "/srv/x".to_owned(), kind });
        let done = obey(path, &Order { demand, ..Order::default() }, true);
        done.map_or_else(|e| e.to_string(), |()| "ok".to_owned())
    }

    #[test]
    fn host_paths_are_what_they_must_be() {
        let root = std::env::temp_dir().join(format!("wharf-obey-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(root.join("dir/x")).unwrap();
        fs::write(root.join("file"), "").unwrap();
        let socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
        let text = [
            check_of(HostPathType::Directory, &root),
            check_of(HostPathType::Directory, &root.join("file")),
            check_of(HostPathType::File, &root.join("file")),
            check_of(HostPathType::File, &root),
            check_of(HostPathType::Socket, &root.join("socket")),
            check_of(HostPathType::Socket, &root.join("file")),
            check_of(HostPathType::CharDevice, Path::new("/dev/null")),
            check_of(HostPathType::BlockDevice, Path::new("/dev/null")),
            check_of(HostPathType::FileOrCreate, &root),
            check_of(HostPathType::FileOrCreate, &root),
            check_of(HostPathType::FileOrCreate, &root.join("dir")),
        ];
        drop(socket);
        let made = root.join("x").is_file();
        fs::remove_dir_all(&root).unwrap();
        insta::assert_snapshot!(text.join("\n"), @r"
        ok
        hostPath type check failed: /srv/x is not a directory
        ok
        hostPath type check failed: /srv/x is not a file
        ok
        hostPath type check failed: /srv/x is not a socket file
        ok
        hostPath type check failed: /srv/x is not a block device
        ok
        ok
        hostPath type check failed: /srv/x is not a file
        ");
        assert!(made);
    }

    #[test]
    fn files_and_parts_are_made() {
        let root = std::env::temp_dir().join(format!("wharf-obey-files-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        let files = Files::from([("a/b".to_owned(), File::new(0o400, "x"))]);
        let order = Order { files: Some(files), ..Order::default() };
        obey(&root, &order, true).unwrap();
        obey(&root, &Order { parts: ["p/q".to_owned()].into(), ..Order::default() }, true).unwrap();
        let found = (fs::read_to_string(root.join("a/b")).unwrap(), root.join("p/q").is_dir());
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, ("x".to_owned(), true));
    }
}
