//! What the folder of a volume looks like after writes.

use std::path::PathBuf;

use super::*;
use crate::kubelet::volumes::File;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wharf-volumes-{name}-{}", std::process::id()));
        remove(&path).unwrap();
        Self(path)
    }

    /// Every entry: links with their target, files with mode and content; hashes as `#`.
    fn text(&self) -> String {
        let mut lines = Vec::new();
        let mut todo = vec![self.0.clone()];
        let data = fs::read_link(self.0.join(DATA)).unwrap().display().to_string();
        while let Some(folder) = todo.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&self.0).unwrap().display().to_string();
                let meta = path.symlink_metadata().unwrap();
                if meta.is_symlink() {
                    lines.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
                } else if meta.is_dir() {
                    todo.push(path);
                } else {
                    lines.push(format!("{name} {:o} {}", meta.mode() & 0o777, fs::read_to_string(&path).unwrap()));
                }
            }
        }
        lines.sort();
        lines.join("\n").replace(&data, "#")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0).unwrap();
    }
}

fn files(all: &[(&str, u32, &str)]) -> Files {
    all.iter()
        .map(|(path, mode, text)| ((*path).to_owned(), File { mode: *mode, bytes: text.as_bytes().into() }))
        .collect()
}

#[test]
fn swaps_all_at_once() {
    let folder = Folder::new("swap");
    let first = files(&[("a.conf", 0o644, "one"), ("sub/deep/b", 0o400, "two")]);
    assert!(write(&folder.0, &first).unwrap());
    insta::assert_snapshot!(folder.text(), @r"
    #/a.conf 644 one
    #/sub/deep/b 400 two
    ..data -> #
    a.conf -> ..data/a.conf
    sub -> ..data/sub
    ");
    let untouched = fs::metadata(folder.0.join("a.conf")).unwrap().ino();
    assert!(!write(&folder.0, &first).unwrap());
    assert_eq!(fs::metadata(folder.0.join("a.conf")).unwrap().ino(), untouched);

    // A reader that holds the old folder open is not disturbed, and a crash's remains are cleared away.
    let second = files(&[("a.conf", 0o600, "three"), ("c", 0o644, "four")]);
    make(&folder.0.join(format!("..{}/unfinished", hash(&second)))).unwrap();
    symlink("nowhere", folder.0.join("..data_tmp")).unwrap();
    assert!(write(&folder.0, &second).unwrap());
    insta::assert_snapshot!(folder.text(), @r"
    #/a.conf 600 three
    #/c 644 four
    ..data -> #
    a.conf -> ..data/a.conf
    c -> ..data/c
    ");
    assert!(write(&folder.0, &Files::new()).unwrap());
    assert_eq!(folder.text(), "..data -> #");
}

#[test]
fn never_writes_outside() {
    let folder = Folder::new("outside");
    for path in ["../x", "/x", "a/../../x", "..data", ""] {
        assert!(write(&folder.0, &files(&[(path, 0o644, "x")])).is_err(), "{path}");
    }
}

#[test]
fn parts_of_a_volume() {
    let folder = Folder::new("parts");
    make(&folder.0).unwrap();
    fs::set_permissions(&folder.0, Permissions::from_mode(0o770)).unwrap();
    make_inside(&folder.0, "a/b").unwrap();
    make_inside(&folder.0, "a/b").unwrap();
    assert_eq!(fs::metadata(folder.0.join("a/b")).unwrap().mode() & 0o7777, 0o770);
    fs::write(folder.0.join("file"), "kept").unwrap();
    make_inside(&folder.0, "file").unwrap();
    assert_eq!(fs::read_to_string(folder.0.join("file")).unwrap(), "kept");
    symlink("a", folder.0.join("near")).unwrap();
    make_inside(&folder.0, "near/c").unwrap();
    assert!(folder.0.join("a/c").is_dir());
    symlink(std::env::temp_dir(), folder.0.join("far")).unwrap();
    assert!(make_inside(&folder.0, "far/x").is_err());
    assert!(make_inside(&folder.0, "a/../../x").is_err());
}
