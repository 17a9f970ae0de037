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
    all.iter().map(|(path, mode, text)| ((*path).to_owned(), File::new(*mode, *text))).collect()
}

#[test]
fn swaps_all_at_once() {
    let folder = Folder::new("swap");
    let first = files(&[("a.conf", 0o644, "one"), ("sub/deep/b", 0o400, "two")]);
    assert!(write(&folder.0, &first, None).unwrap());
    insta::assert_snapshot!(folder.text(), @r"
    #/a.conf 644 one
    #/sub/deep/b 400 two
    ..data -> #
    a.conf -> ..data/a.conf
    sub -> ..data/sub
    ");
    let untouched = fs::metadata(folder.0.join("a.conf")).unwrap().ino();
    assert!(!write(&folder.0, &first, None).unwrap());
    assert_eq!(fs::metadata(folder.0.join("a.conf")).unwrap().ino(), untouched);

    // A reader that holds the old folder open is not disturbed, and a crash's remains are cleared away.
    let second = files(&[("a.conf", 0o600, "three"), ("c", 0o644, "four")]);
    make(&folder.0.join(format!("..{}/unfinished", hash(&second, None)))).unwrap();
    symlink("nowhere", folder.0.join("..data_tmp")).unwrap();
    assert!(write(&folder.0, &second, None).unwrap());
    insta::assert_snapshot!(folder.text(), @r"
    #/a.conf 600 three
    #/c 644 four
    ..data -> #
    a.conf -> ..data/a.conf
    c -> ..data/c
    ");
    assert!(write(&folder.0, &Files::new(), None).unwrap());
    assert_eq!(folder.text(), "..data -> #");
}

#[test]
fn never_writes_outside() {
    let folder = Folder::new("outside");
    for path in ["../x", "/x", "a/../../x", "..data", ""] {
        assert!(write(&folder.0, &files(&[(path, 0o644, "x")]), None).is_err(), "{path}");
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

#[test]
fn the_group_sees_files_only_when_they_are_its_own() {
    let folder = Folder::new("group");
    make(&folder.0).unwrap();
    let mine = fs::metadata(&folder.0).unwrap();
    // Root may give files to anyone, others only to their own group.
    let (user, group) = if mine.uid() == 0 { (4712, 4711) } else { (mine.uid(), mine.gid()) };
    let owner = Owner { group, always: true, read_only: true };
    let token = File { mode: 0o600, user: Some(user), bytes: b"token".to_vec() };
    write(&folder.0, &Files::from([("dir/token".to_owned(), token.clone())]), Some(&owner)).unwrap();
    let data = fs::metadata(folder.0.join("dir/token")).unwrap();
    assert_eq!((data.uid(), data.gid(), data.mode() & 0o7777), (user, group, 0o640));
    assert_eq!(fs::metadata(folder.0.join("dir")).unwrap().mode() & 0o7777, 0o2755);
    assert!(
        write(&folder.0, &Files::from([("dir/token".to_owned(), token)]), None).unwrap(),
        "another owner is a change"
    );
}

mod swaps {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    type Tree = BTreeMap<String, String>;

    fn tree() -> impl Strategy<Value = Tree> {
        // No name is both a file and a folder.
        proptest::collection::btree_map("(f[a-c]|d[a-b]/f[a-b])", "[x-z]{0,3}", 0..6)
    }

    /// What a program sees that reads the volume: names without leading dots, links followed.
    fn seen(folder: &Path) -> Tree {
        let mut seen = Tree::new();
        let mut todo = vec![(folder.to_path_buf(), String::new())];
        while let Some((at, prefix)) = todo.pop() {
            for entry in fs::read_dir(&at).unwrap() {
                let name = entry.unwrap().file_name().to_string_lossy().into_owned();
                if name.starts_with("..") {
                    continue;
                }
                let (path, name) = (at.join(&name), format!("{prefix}{name}"));
                if path.is_dir() {
                    todo.push((path, format!("{name}/")));
                } else {
                    seen.insert(name, fs::read_to_string(&path).unwrap());
                }
            }
        }
        seen
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn a_reader_sees_exactly_what_was_written_last(trees in proptest::collection::vec(tree(), 1..5)) {
            let folder = Folder::new("property");
            for tree in &trees {
                let files: Files = tree.iter().map(|(path, text)| (path.clone(), File::new(0o644, text.as_str()))).collect();
                write(&folder.0, &files, None).unwrap();
                prop_assert_eq!(&seen(&folder.0), tree);
                prop_assert!(!write(&folder.0, &files, None).unwrap(), "a second time changes nothing");
                // The one folder with content, the link to it, and the links that are seen: nothing is left of others.
                let tops = tree.keys().map(|path| path.split('/').next().unwrap()).collect::<BTreeSet<_>>().len();
                prop_assert_eq!(fs::read_dir(&folder.0).unwrap().count(), tops + 2);
            }
        }
    }
}
