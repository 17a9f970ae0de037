//! Golden cases: what each room makes of `tests/golden/<room>/<case>/in.*` is what stands beside it.
//!
//! `WHARF_GOLDEN=write cargo test --test golden` writes the files anew; read the difference before committing it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use wharf::api::View;
use wharf::ingress;
use wharf::manifest::{self, Files, Known, Options, Text};

/// What a room makes of one case: file names and texts.
type Outputs = Vec<(&'static str, String)>;

/// The rooms with golden cases.
const ROOMS: &[(&str, fn(&Path) -> Outputs)] = &[("manifest", manifest_messages), ("ingress", ingress_configuration)];

#[test]
fn golden() {
    let write = env::var("WHARF_GOLDEN").is_ok_and(|value| value == "write");
    let mut differences = Vec::new();
    for (room, outputs) in ROOMS {
        let cases = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(room));
        assert!(!cases.is_empty(), "{room} has no golden case");
        for case in cases {
            for (name, text) in outputs(&case) {
                let path = case.join(name);
                if write {
                    fs::write(&path, &text).unwrap();
                }
                let wanted = fs::read_to_string(&path).unwrap_or_default();
                if wanted != text {
                    differences.push(format!("{}\n--- wanted\n{wanted}--- found\n{text}", path.display()));
                }
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The texts of a case's `in.*` files under their bare names, so that messages are the same everywhere.
fn inputs(case: &Path) -> Vec<Text> {
    let is_input = |path: &&PathBuf| path.file_stem().is_some_and(|stem| stem.to_string_lossy().starts_with("in"));
    let read = |path: &PathBuf| Text {
        name: path.file_name().unwrap().to_string_lossy().into_owned(),
        text: fs::read_to_string(path).unwrap(),
    };
    entries(case).iter().filter(is_input).map(read).collect()
}

/// Everything that is wrong with the files, for an empty node. A case with a file `allow-unsupported` has that flag.
fn manifest_messages(case: &Path) -> Outputs {
    let options = Options { namespace: "default".into(), allow_unsupported: case.join("allow-unsupported").exists() };
    let manifest = manifest::parse(&Files { texts: inputs(case), problems: Vec::new() }, &options);
    let checked = manifest::check(&manifest, &Known::default());
    let lines = manifest.problems.iter().chain(&checked).map(|problem| format!("{problem}\n"));
    vec![("messages.txt", lines.collect())]
}

/// nginx's configuration for the objects of the files.
fn ingress_configuration(case: &Path) -> Outputs {
    let options = Options { namespace: "default".into(), allow_unsupported: false };
    let manifest = manifest::parse(&Files { texts: inputs(case), problems: Vec::new() }, &options);
    let mut view = View::default();
    for source in &manifest.objects {
        view.insert(source.key(), (source.kind.decode)(&source.value).unwrap());
    }
    vec![("nginx.conf", ingress::configuration(&view))]
}
