//! `fill`: unpacks an archive from standard input into the volumes that the sandbox holds.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use crate::kubelet::volumes::{File, Files, SANDBOX_FOLDER, inside, make_inside, write};

/// Reads the archive that [`crate::kubelet::volumes::archive`] makes and fills the volumes under `/wharf-volumes`.
///
/// # Errors
/// If it can't be read, leads out of a volume, or a volume can't be written.
pub fn run() -> io::Result<()> {
    unpack(io::stdin().lock(), Path::new(SANDBOX_FOLDER))
}

/// Nothing is written before the whole archive was read, and only into volumes that are mounted.
fn unpack(input: impl Read, root: &Path) -> io::Result<()> {
    let mut volumes: BTreeMap<String, Files> = BTreeMap::new();
    let mut parts = Vec::new();
    for entry in tar::Archive::new(input).entries()? {
        let mut entry = entry?;
        let path = inside(&entry.path()?.to_string_lossy()).map_err(io::Error::other)?;
        let (volume, path) = path.split_once('/').unwrap_or((&path, ""));
        match entry.header().entry_type() {
            tar::EntryType::Directory if path.is_empty() => drop(volumes.entry(volume.to_owned()).or_default()),
            tar::EntryType::Directory => parts.push((volume.to_owned(), path.to_owned())),
            tar::EntryType::Regular => {
                let mut file = File { mode: entry.header().mode()? & 0o777, bytes: Vec::new() };
                entry.read_to_end(&mut file.bytes)?;
                volumes.entry(volume.to_owned()).or_default().insert(path.to_owned(), file);
            }
            _ => return Err(io::Error::other(format!("{volume}/{path} is neither a file nor a folder"))),
        }
    }
    for (volume, files) in volumes {
        write(&mounted(root, &volume)?, &files)?;
    }
    parts.into_iter().try_for_each(|(volume, path)| make_inside(&mounted(root, &volume)?, &path))
}

fn mounted(root: &Path, volume: &str) -> io::Result<std::path::PathBuf> {
    let folder = root.join(volume);
    let missing = || io::Error::other(format!("volume \"{volume}\" is not mounted in the sandbox"));
    if volume.is_empty() || !folder.is_dir() { Err(missing()) } else { Ok(folder) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    use super::*;
    use crate::kubelet::runtime::{Source, VolumeSpec};
    use crate::kubelet::volumes::{PodVolume, Prepare, archive};

    fn volume(name: &str, files: Option<Files>, parts: &[&str]) -> PodVolume {
        PodVolume {
            name: name.into(),
            source: Source::Volume(name.into()),
            read_only: false,
            prepare: Prepare::Memory { spec: VolumeSpec::default(), files },
            sub_paths: parts.iter().map(|p| (*p).to_owned()).collect::<BTreeSet<_>>(),
        }
    }

    #[test]
    fn fills_what_is_mounted() {
        let root = std::env::temp_dir().join(format!("wharf-fill-{}", std::process::id()));
        for name in ["keys", "none", "shm", "own"] {
            fs::create_dir_all(root.join(name)).unwrap();
        }
        let files = Files::from([("tls/key".to_owned(), File { mode: 0o400, bytes: b"secret".to_vec() })]);
        let volumes = [
            volume("keys", Some(files.clone()), &["tls"]),
            volume("none", Some(Files::new()), &[]),
            volume("shm", None, &["a/b"]),
            volume("own", None, &[]),
        ];
        unpack(&archive(&volumes).unwrap().unwrap()[..], &root).unwrap();
        let key = root.join("keys/tls/key");
        assert_eq!(fs::read(&key).unwrap(), b"secret");
        assert_eq!(fs::metadata(&key).unwrap().mode() & 0o777, 0o400);
        assert!(root.join("none/..data").is_dir() && root.join("shm/a/b").is_dir());
        assert_eq!(fs::read_dir(root.join("own")).unwrap().count(), 0);

        let lost = archive(&[volume("lost", Some(files), &[])]).unwrap().unwrap();
        let lost = unpack(&lost[..], &root).unwrap_err().to_string();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(lost, "volume \"lost\" is not mounted in the sandbox");
        assert_eq!(archive(&volumes[3..]).unwrap(), None);
    }

    #[test]
    fn never_leaves_the_volumes() {
        let mut header = tar::Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..9].copy_from_slice(b"v/../../x");
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(0);
        header.set_cksum();
        let mut archive = tar::Builder::new(Vec::new());
        archive.append(&header, &[][..]).unwrap();
        let error = unpack(&archive.into_inner().unwrap()[..], Path::new("/nonexistent")).unwrap_err();
        assert_eq!(error.to_string(), "path \"v/../../x\" must be relative and not contain \"..\"");
    }
}
