//! Cutting texts into documents, and reading folders, beside the golden cases in `tests/golden/manifest`.

use std::fs;

use super::document::split;
use super::read::{Input, read};

#[test]
fn documents_begin_at_markers_in_the_first_column() {
    let text = "%YAML 1.1\n# only a comment\n---\na: |\n  ---\n--- {b: 1}\n---\n\n--- # nothing\n...\n----\n";
    let found: Vec<_> = split(text).iter().map(|d| (d.above, d.text)).collect();
    assert_eq!(found, [(2, "---\na: |\n  ---\n"), (5, "--- {b: 1}\n"), (8, "--- # nothing\n...\n----\n")]);
}

#[test]
fn inputs_are_told_apart_by_their_looks() {
    assert_eq!(Input::from("-"), Input::Stdin);
    assert!(matches!(Input::from("https://example.org/a.yaml"), Input::Url(_)));
    assert!(matches!(Input::from("./-"), Input::Path(_)));
}

#[test]
fn folders_are_read_by_name_and_their_folders_when_asked() {
    let folder = std::env::temp_dir().join(format!("wharf-manifest-{}", std::process::id()));
    fs::create_dir_all(folder.join("inner")).unwrap();
    for (name, bytes) in [("b.yaml", &b"b: 1"[..]), ("a.json", b"{}"), ("notes.txt", b"x"), ("inner/c.yml", b"\xff")] {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let inputs = [Input::Path(folder.clone()), Input::Path(folder.join("none.yaml"))];
    let told = |recursive| {
        let files = read(&inputs, recursive);
        let texts = files.texts.iter().map(|text| format!("{}: {}", text.name, text.text));
        let lines: Vec<_> = texts.chain(files.problems.iter().map(ToString::to_string)).collect();
        lines.join("\n").replace(&folder.display().to_string(), "DIR")
    };
    insta::assert_snapshot!(told(false), @r"
    DIR/a.json: {}
    DIR/b.yaml: b: 1
    DIR/none.yaml: error: can't be read: no such file or directory
    ");
    insta::assert_snapshot!(told(true), @r"
    DIR/a.json: {}
    DIR/b.yaml: b: 1
    DIR/inner/c.yml: error: is not UTF-8 text, from byte 0
    DIR/none.yaml: error: can't be read: no such file or directory
    ");
    fs::remove_dir_all(&folder).unwrap();
}
