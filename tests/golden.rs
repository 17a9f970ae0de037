//! Golden cases: what each room makes of `tests/golden/<room>/<case>/in.*` is what stands beside it.
//!
//! `WHARF_GOLDEN=write cargo test --test golden` writes the files anew; read the difference before committing it.

#![allow(clippy::unwrap_used, reason = "a test that can't read its files has failed")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use k8s_openapi::api::core::v1::Pod;
use serde::Deserialize;
use wharf::api::{Key, Kind, Ranges, Timestamp, Value, View, support};
use wharf::kubelet::runtime::Mount;
use wharf::kubelet::volumes::{self, Given, Order, Token, Tokens};
use wharf::manifest::{self, Files, Known, Options, Text};

/// What a room makes of one case: file names and texts.
type Outputs = Vec<(&'static str, String)>;

/// A room's name and what makes its outputs from a case's folder.
type Room = (&'static str, fn(&Path) -> Outputs);

/// The rooms with golden cases.
const ROOMS: &[Room] = &[
    ("manifest", manifest_messages),
    ("proxy", proxy_rules),
    ("dns", dns_zone),
    ("ingress", nginx_conf),
    ("kubelet", containers),
    ("volumes", mounts),
];

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

/// The table of fields in the documentation is the one that validation goes by.
#[test]
fn the_documentation_tells_of_every_field() {
    const MARKS: [&str; 2] = ["<!-- what is not honoured: written by a test -->\n", "<!-- end -->"];
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (fields, readme) = (root.join("docs/fields.md"), root.join("README.md"));
    let text = fs::read_to_string(&readme).unwrap();
    let (before, rest) = text.split_once(MARKS[0]).expect("the README has the mark");
    let (_, after) = rest.split_once(MARKS[1]).expect("the README has the second mark");
    let wanted = format!("{before}{}{}{}{after}", MARKS[0], support::summary(), MARKS[1]);
    if env::var("WHARF_GOLDEN").is_ok_and(|value| value == "write") {
        fs::create_dir_all(root.join("docs")).unwrap();
        fs::write(&fields, support::markdown(None)).unwrap();
        fs::write(&readme, &wanted).unwrap();
    }
    let told = fs::read_to_string(&fields).unwrap_or_default();
    assert!(told == support::markdown(None), "docs/fields.md differs from the table: write it anew");
    assert!(fs::read_to_string(&readme).unwrap() == wanted, "the README differs from the table: write it anew");
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

/// What the kernel is told to do with service addresses.
fn proxy_rules(case: &Path) -> Outputs {
    vec![("rules.nft", wharf::proxy::golden(&view(case), &ranges()))]
}

/// Which names the cluster has.
fn dns_zone(case: &Path) -> Outputs {
    vec![("zone.txt", wharf::dns::golden(&view(case), "wharf", &ranges()))]
}

/// What nginx is configured to do.
fn nginx_conf(case: &Path) -> Outputs {
    vec![("nginx.conf", wharf::ingress::configuration(&view(case)))]
}

/// What Docker is asked for, for each pod.
fn containers(case: &Path) -> Outputs {
    let view = view(case);
    let pods = view.all::<k8s_openapi::api::core::v1::Pod>().map(wharf::docker::golden);
    vec![("containers.yaml", pods.collect::<Vec<_>>().join("---\n"))]
}

/// What pods' volumes are, what is done in them, and what of them the sandbox and the containers mount.
fn mounts(case: &Path) -> Outputs {
    let view = view(case);
    let pods = view.all::<Pod>().map(|pod| {
        let (mut tokens, now) = (Tokens::default(), Timestamp::UNIX_EPOCH);
        for request in tokens.due(pod, now) {
            let token = Token { text: "a token".to_owned(), issued: now, expires: Timestamp::MAX };
            tokens.put(request, Ok(token), now);
        }
        let spec = pod.spec.as_ref().unwrap();
        let of_images = spec.volumes.iter().flatten().filter(|v| v.image.is_some());
        let images = of_images.map(|v| (v.name.clone(), "sha256:0123456789abcdef".to_owned())).collect();
        let given = Given { node: "box", tokens: &tokens, images: &images };
        let volumes = volumes::translate(&view, pod, &given).unwrap();
        let mut text = format!("pod {}\n", pod.metadata.name.as_deref().unwrap());
        for volume in &volumes {
            let Order { files, parts, owner, demand } = &volume.order;
            writeln!(text, "  volume {}: {:?}", volume.name, volume.prepare).unwrap();
            text += &files.as_ref().map(|files| format!("    files {files:?}\n")).unwrap_or_default();
            if !parts.is_empty() {
                writeln!(text, "    parts {parts:?}").unwrap();
            }
            text += &owner.map(|owner| format!("    {owner:?}\n")).unwrap_or_default();
            text += &demand.as_ref().map(|demand| format!("    must be {:?}\n", demand.kind)).unwrap_or_default();
        }
        text += "  sandbox\n";
        text.extend(volumes::sandbox_mounts(&volumes).iter().map(line));
        for container in &spec.containers {
            writeln!(text, "  container {}", container.name).unwrap();
            let env: Vec<_> =
                container.env.iter().flatten().map(|v| (v.name.clone(), v.value.clone().unwrap())).collect();
            text.extend(volumes::mounts(container, &volumes, &env).unwrap().iter().map(line));
        }
        text
    });
    vec![("mounts.txt", pods.collect())]
}

fn line(mount: &Mount) -> String {
    let read_only = if mount.read_only { ", read-only" } else { "" };
    let propagation = mount.propagation.as_ref().map(|p| format!(", {p}")).unwrap_or_default();
    format!("    {} is {:?}{read_only}{propagation}\n", mount.target, mount.source)
}

fn ranges() -> Ranges {
    Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap()
}

/// The objects of a case as a node has them, with addresses and status.
fn view(case: &Path) -> View {
    let mut view = View::default();
    for input in inputs(case) {
        for document in serde_yaml::Deserializer::from_str(&input.text) {
            let object = Value::deserialize(document).unwrap();
            let kind = Kind::find(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap()).unwrap();
            view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
        }
    }
    view
}
