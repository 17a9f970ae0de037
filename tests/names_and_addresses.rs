//! The golden cases of proxy and dns: what the kernel is told and which names there are, for the objects of a case.

use std::path::Path;
use std::{env, fs};

use serde::Deserialize;
use wharf::api::{Key, Kind, Ranges, Value, View};

fn ranges() -> Ranges {
    Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap()
}

#[test]
fn rules() {
    compare("proxy", "rules.nft", |view| wharf::proxy::golden(view, &ranges()));
}

#[test]
fn zones() {
    compare("dns", "zone.txt", |view| wharf::dns::golden(view, "wharf", &ranges()));
}

/// Holds every case of a room to the text beside it; with `WHARF_GOLDEN=write` it writes the texts.
fn compare(room: &str, output: &str, text: impl Fn(&View) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(room);
    for case in fs::read_dir(folder).unwrap() {
        let case = case.unwrap().path();
        let found = text(&view(&fs::read_to_string(case.join("in.yaml")).unwrap()));
        if env::var("WHARF_GOLDEN").is_ok_and(|value| value == "write") {
            fs::write(case.join(output), &found).unwrap();
        }
        assert_eq!(found, fs::read_to_string(case.join(output)).unwrap(), "{}", case.display());
    }
}

/// The objects of a case, as `in.yaml` has them.
fn view(yaml: &str) -> View {
    let mut view = View::default();
    for document in serde_yaml::Deserializer::from_str(yaml) {
        let object = Value::deserialize(document).unwrap();
        let kind = Kind::find(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap()).unwrap();
        view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
    }
    view
}
