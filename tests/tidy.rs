//! Holds the code to the house's rules: who imports whom, what is pure, how large files are, who prints.
//!
//! The rules are those of `src/lib.rs`'s documentation; its import table is read from there.

#![allow(clippy::unwrap_used, reason = "a test that can't read its files has failed")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Rooms in which all but the named files must be pure. A room that is not listed is all effect.
#[rustfmt::skip]
const PURE: &[(&str, &[&str])] = &[
    ("api", &[]),
    ("manifest", &["read"]),
    ("controllers", &["run"]),
    ("scheduler", &["run"]),
    // The kubelet's observe has to ask the engine; `runtime` is the trait through which it does.
    (
        "kubelet",
        &[
            "runtime", "program", "fake", "run", "sync", "worker", "hands", "machine", "observer", "orphans", "drain", "reclaim",
            "start", "meter", "fetch", "missing", "pulls", "follow", "seccomp", "exec", "logs", "file", "fill",
            "prepare", "write", "probes", "evict", "ask", "obey", "own", "parts", "image_volumes",
            "background", "hooks", "learn", "stop", "termination", "find",
        ],
    ),
    ("proxy", &["run", "apply", "netlink"]),
    ("dns", &["run", "apply", "serve", "forward"]),
    ("ingress", &["run", "apply"]),
];

/// What a pure file does not name, and what it should take instead.
const EFFECTS: &[(&str, &str)] = &[
    ("tokio::", "async belongs into run and apply"),
    ("async fn", "async belongs into run and apply"),
    ("SystemTime", "time is an argument"),
    ("Instant::now", "time is an argument"),
    ("Timestamp::now", "time is an argument"),
    ("rand::", "names are seeded"),
    ("std::fs", "files are read and written by effects"),
    ("tracing::", "what is logged is the plan"),
];

const FORBIDDEN_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "handlers", "types"];
const LONGEST: usize = 400;
const SMALL: usize = 120;

/// One file under `src`.
struct File {
    /// The path from the crate's root.
    path: String,
    /// The module path: `api`, `schema`, `trace`; without `mod`.
    modules: Vec<String>,
    text: String,
}

impl File {
    fn room(&self) -> &str {
        self.modules.first().map_or("", String::as_str)
    }

    fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().and_then(|s| s.to_str()).unwrap_or_default()
    }

    fn is_test(&self) -> bool {
        self.modules.iter().any(|module| module == "tests")
    }

    /// The lines of code with their numbers: no comments, no inline tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]\nmod tests {").unwrap_or(self.text.len());
        let lines = self.text[..end].lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.map(|(number, line)| (number, line.split("// ").next().unwrap_or(line))).filter(|(_, line)| {
            let line = line.trim_start();
            !line.starts_with("//")
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<File> {
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(folder: &Path, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let relative = path.strip_prefix(root()).unwrap();
            let bare = relative.with_extension("");
            let modules = bare.iter().skip(1).map(|m| m.to_string_lossy().into_owned());
            let modules = modules.filter(|module| module != "mod").collect();
            let text = fs::read_to_string(&path).unwrap();
            found.push(File { path: relative.display().to_string(), modules, text });
        }
    }
}

/// Rooms and the rooms that they may import.
fn import_table() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let table = text.split("//! ```text\n").nth(1).and_then(|t| t.split("//! ```").next()).expect("an import table");
    let row = |line: &str| {
        let (room, imports) = line.trim_start_matches("//!").split_once('=')?;
        Some((room.trim().to_owned(), imports.split_whitespace().map(str::to_owned).collect()))
    };
    table.lines().filter_map(row).collect()
}

/// Fails with every complaint, one a line.
fn hold(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// The names after each `crate::` of the code and after each chain of `super::` that leads out of the room.
fn imports(file: &File) -> Vec<(usize, String)> {
    let mut text = String::new();
    file.code().for_each(|(number, line)| writeln!(text, "{number}\u{1}{line}").unwrap());
    let up = "super::".repeat(file.modules.len());
    let mut found = Vec::new();
    for prefix in ["crate::", &up] {
        for (at, _) in text.match_indices(prefix) {
            let before = text[..at].chars().next_back().unwrap_or(' ');
            if before.is_alphanumeric() || matches!(before, '_' | ':' | '$') {
                continue;
            }
            let line = text[..at].rsplit('\n').next().and_then(|l| l.split('\u{1}').next());
            let line = line.and_then(|number| number.parse().ok()).unwrap_or(0);
            found.extend(first_names(&text[at + prefix.len()..]).into_iter().map(|name| (line, name)));
        }
    }
    found
}

/// `a` of `a::b`; `a` and `d` of `{a::{b, c}, d}`.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.split('\u{1}').next_back().unwrap_or(text).trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(group) = path.strip_prefix('{') else { return vec![name(path)] };
    let (mut depth, mut names, mut start) = (0, Vec::new(), 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                names.push(name(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[test]
fn rooms_import_what_the_table_allows() {
    let table = import_table();
    let mut complaints = Vec::new();
    for file in sources().iter().filter(|file| !matches!(file.path.as_str(), "src/lib.rs" | "src/main.rs")) {
        let room = file.room();
        let Some(allowed) = table.get(room) else {
            complaints.push(format!("{}: room {room} has no row in the import table of src/lib.rs", file.path));
            continue;
        };
        for (line, name) in imports(file) {
            if table.contains_key(&name) && name != room && !allowed.contains(&name) {
                complaints.push(format!("{}:{line}: {room} may not import {name}", file.path));
            }
        }
    }
    hold(&complaints);
}

#[test]
fn imports_are_found_however_they_are_written() {
    let file = |text: &str| File {
        path: "src/dns/zone.rs".into(),
        modules: vec!["dns".into(), "zone".into()],
        text: text.into(),
    };
    let found = |text: &str| imports(&file(text)).into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    assert_eq!(found("use crate::api::Key;"), ["api"]);
    assert_eq!(found("use crate::{\n    api::{Key, Kind},\n    store,\n};"), ["api", "store"]);
    assert_eq!(found("let x = super::super::store::open();"), ["store"]);
    assert_eq!(found("use super::store; // crate::store\n/// [`crate::cli`]\n"), [""; 0]);
}

/// Whether the code has the word, and not only as the end of another one.
fn names(code: &str, word: &str) -> bool {
    let begins = |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| begins(at))
}

#[test]
fn what_is_pure_names_no_effect() {
    let mut complaints = Vec::new();
    for file in sources().iter().filter(|file| !file.is_test()) {
        let Some((_, effectful)) = PURE.iter().find(|(room, _)| *room == file.room()) else { continue };
        if file.modules.iter().skip(1).any(|module| effectful.contains(&module.as_str())) {
            continue;
        }
        for (line, code) in file.code() {
            for (effect, instead) in EFFECTS.iter().filter(|(effect, _)| names(code, effect)) {
                let effect = effect.trim_end_matches("::");
                complaints.push(format!("{}:{line}: a pure file names {effect}: {instead}", file.path));
            }
        }
    }
    hold(&complaints);
}

#[test]
fn files_are_small_and_say_what_they_are() {
    let files = sources();
    let mut complaints = Vec::new();
    for file in &files {
        let lines = file.text.lines().count();
        if lines > LONGEST {
            complaints.push(format!("{}:{LONGEST}: {lines} lines, more than {LONGEST}", file.path));
        }
        if !file.text.starts_with("//! ") {
            complaints.push(format!("{}:1: does not begin with //! and what it decides or does", file.path));
        }
        for module in file.modules.iter().filter(|module| FORBIDDEN_NAMES.contains(&module.as_str())) {
            complaints.push(format!("{}:1: {module} is no name: name what it holds or does", file.path));
        }
        if file.stem() == "mod" {
            let functions = file.code().filter(|(_, code)| code.trim_start().split(' ').any(|word| word == "fn"));
            let complain = |(line, _)| format!("{}:{line}: mod.rs holds documentation and re-exports only", file.path);
            complaints.extend(functions.map(complain));
        }
    }
    let mut sizes: Vec<usize> = files.iter().map(|file| file.text.lines().count()).collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    if median >= SMALL {
        complaints.push(format!("src: half of the files have {median} lines or more, not under {SMALL}"));
    }
    hold(&complaints);
}

#[test]
fn only_their_rooms_print_exit_speak_docker_or_are_unsafe() {
    let rules: &[(&[&str], &[&str])] = &[
        (&["println!", "print!", "eprint!", "dbg!"], &["src/cli/", "src/programs/"]),
        (&["process::exit"], &["src/main.rs", "src/programs/"]),
        (&["bollard"], &["src/docker/"]),
        (&["unsafe {", "unsafe fn", "unsafe impl", "allow(unsafe_code)"], &["src/proxy/netlink"]),
        (&["todo!(", "unimplemented!("], &[]),
    ];
    let mut complaints = Vec::new();
    for file in sources() {
        for (words, allowed) in rules.iter().filter(|(_, allowed)| !allowed.iter().any(|a| file.path.starts_with(a))) {
            for (line, code) in file.code() {
                for word in words.iter().filter(|word| code.contains(*word)) {
                    let where_to = if allowed.is_empty() { "nowhere".to_owned() } else { allowed.join(" and ") };
                    complaints.push(format!("{}:{line}: {word} belongs into {where_to}", file.path));
                }
            }
        }
    }
    hold(&complaints);
}

/// The blocks of a language in the README: the line they begin at, and their text.
fn blocks(text: &str, language: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let (mut inside, fence) = (false, format!("```{language}"));
    for (index, line) in text.lines().enumerate() {
        if line.trim_end() == fence {
            found.push((index + 2, String::new()));
            inside = true;
        } else if line.starts_with("```") {
            inside = false;
        } else if inside {
            writeln!(found.last_mut().expect("a block is open").1, "{line}").unwrap();
        }
    }
    found
}

fn errors(files: &wharf::manifest::Files) -> Vec<String> {
    let options = wharf::manifest::Options { namespace: "default".into(), allow_unsupported: false };
    let manifest = wharf::manifest::parse(files, &options);
    let errors = manifest.problems.iter().filter(|p| p.severity == wharf::manifest::Severity::Error);
    errors.map(ToString::to_string).collect()
}

#[test]
fn blocks_of_the_readme_parse() {
    let Ok(text) = fs::read_to_string(root().join("README.md")) else { return };
    let mut complaints = Vec::new();
    for (line, block) in blocks(&text, "yaml") {
        // The lines above keep the numbers those of the README.
        let text = "\n".repeat(line - 1) + &block;
        let file = wharf::manifest::Text { name: "README.md".into(), text };
        complaints.extend(errors(&wharf::manifest::Files { texts: vec![file], problems: Vec::new() }));
    }
    for (line, block) in blocks(&text, "console") {
        if !block.starts_with("$ ") {
            complaints.push(format!("README.md:{line}: a console block begins with \"$ \" and a command"));
        }
    }
    hold(&complaints);
}

#[test]
fn examples_parse() {
    let examples = root().join("examples");
    if examples.is_dir() {
        hold(&errors(&wharf::manifest::read(&[wharf::manifest::Input::Path(examples)], true)));
    }
}
