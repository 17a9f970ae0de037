//! Volumes made ready and cleared away, with an engine in memory.

use std::collections::BTreeMap;

use super::*;
use crate::kubelet::fake::Fake;
use crate::kubelet::runtime::Source;
use crate::kubelet::volumes::{File, Files, Order};

fn volume(name: &str, prepare: Prepare, parts: &[&str]) -> PodVolume {
    let order = Order { parts: parts.iter().map(|p| (*p).to_owned()).collect(), ..Order::default() };
    PodVolume { name: name.into(), source: Source::Host("/".into()), read_only: false, prepare, order, held: false }
}

fn engine_volume(name: &str, uid: &str) -> VolumeSpec {
    let labels = BTreeMap::from([(container::UID.to_owned(), uid.to_owned())]);
    VolumeSpec { name: name.into(), labels, ..VolumeSpec::default() }
}

fn config(text: &str) -> PodVolume {
    let mut volume = volume("config", Prepare::Files { path: "pods/u1/volumes/config".into() }, &[]);
    volume.order.files = Some(Files::from([("a".to_owned(), File::new(0o644, text))]));
    volume
}

#[tokio::test]
async fn made_kept_and_cleared_away() {
    let root = std::env::temp_dir().join(format!("wharf-prepare-{}", std::process::id()));
    let runtime = Fake::default();
    let directory = Prepare::Directory { path: "pods/u1/volumes/data".into(), mode: 0o777 };
    let volumes = [
        volume("data", directory, &["part"]),
        config("one"),
        volume("keys", Prepare::Memory(engine_volume("box.keys", "u1")), &[]),
        volume("claim", Prepare::Volume(engine_volume("box.claim", "")), &[]),
    ];
    prepare(&runtime, &root, &volumes).await.unwrap();
    let mode = |path: &str| fs::metadata(root.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        [mode("pods/u1/volumes/data"), mode("pods/u1/volumes/data/part"), mode("pods/u1")],
        [0o777, 0o777, 0o700]
    );

    // What containers wrote and changed stays; files that changed in the API are swapped.
    fs::write(root.join("pods/u1/volumes/data/kept"), "kept").unwrap();
    fs::set_permissions(root.join("pods/u1/volumes/data"), Permissions::from_mode(0o750)).unwrap();
    let changed = [volumes[0].clone(), config("two")];
    prepare(&runtime, &root, &changed).await.unwrap();
    assert!(root.join("pods/u1/volumes/data/kept").exists());
    assert_eq!(mode("pods/u1/volumes/data"), 0o750);
    assert_eq!(fs::read_to_string(root.join("pods/u1/volumes/config/a")).unwrap(), "two");

    // A pod's end takes what was its own, even when nothing is known of it but its uid.
    assert_eq!(remembered(&root), ["u1"]);
    clean(&runtime, &root, "u1").await.unwrap();
    clean(&runtime, &root, "u1").await.unwrap();
    assert_eq!(runtime.volumes().await.unwrap(), ["box.claim"]);
    assert!(remembered(&root).is_empty());
    fs::remove_dir_all(&root).unwrap();
}

#[test]
fn the_fingerprint_is_of_the_content() {
    assert_eq!(fingerprint(&[config("one")]), fingerprint(&[config("one")]));
    assert_ne!(fingerprint(&[config("one")]), fingerprint(&[config("two")]));
}
