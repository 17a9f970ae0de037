//! The store against a model: a map and a list of what happened.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::{Change, Error, Store};
use crate::api::{Key, Kind};

fn key(name: &str) -> Key {
    Key::new(Kind::by_word("pod").unwrap(), "default", name)
}

#[derive(Clone, Debug)]
enum Op {
    Create(u8, u8),
    Update(u8, u8, bool),
    Delete(u8, bool),
    Compact(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        3 => (0..4_u8, any::<u8>()).prop_map(|(k, v)| Op::Create(k, v)),
        3 => (0..4_u8, any::<u8>(), any::<bool>()).prop_map(|(k, v, stale)| Op::Update(k, v, stale)),
        2 => (0..4_u8, any::<bool>()).prop_map(|(k, stale)| Op::Delete(k, stale)),
        1 => (0..30_u64).prop_map(Op::Compact),
    ]
}

/// What a key has at a revision, and everything that ever happened.
#[derive(Default)]
struct Model {
    now: BTreeMap<u8, (u64, u8)>,
    events: Vec<(u64, u8, Change, u8)>,
    compacted: u64,
}

impl Model {
    fn run(&mut self, store: &Store, op: &Op) {
        let next = store.revision() + 1;
        let value = |v: u8| Bytes::from(vec![v]);
        match *op {
            Op::Create(k, v) => match store.create(&key(&k.to_string()), value(v)) {
                Ok(revision) => {
                    assert_eq!((revision, self.now.insert(k, (next, v))), (next, None));
                    self.events.push((next, k, Change::Created, v));
                }
                Err(e) => assert!(matches!(e, Error::Exists) && self.now.contains_key(&k)),
            },
            Op::Update(k, v, stale) => {
                let at = self.now.get(&k).map_or(1, |n| n.0) - u64::from(stale);
                match (store.update(&key(&k.to_string()), at, value(v)), self.now.get(&k)) {
                    (Ok(revision), Some(_)) if !stale && revision == next => {
                        self.now.insert(k, (next, v));
                        self.events.push((next, k, Change::Updated, v));
                    }
                    (Err(Error::Missing), None) => {}
                    (Err(Error::Changed(r)), Some((revision, _))) if stale && r == *revision => {}
                    other => panic!("{other:?}"),
                }
            }
            Op::Delete(k, stale) => {
                let at = self.now.get(&k).map_or(1, |n| n.0) - u64::from(stale);
                match (store.delete(&key(&k.to_string()), at), self.now.get(&k).copied()) {
                    (Ok(revision), Some((_, v))) if !stale && revision == next => {
                        self.now.remove(&k);
                        self.events.push((next, k, Change::Deleted, v));
                    }
                    (Err(Error::Missing), None) => {}
                    (Err(Error::Changed(_)), Some(_)) if stale => {}
                    other => panic!("{other:?}"),
                }
            }
            Op::Compact(through) => {
                store.compact(through).unwrap();
                self.compacted = self.compacted.max(through.min(store.revision()));
            }
        }
    }
}

async fn follow(store: &Store, after: u64) -> Result<Vec<(u64, String, Change, u8)>, Error> {
    let (mut watch, mut seen) = (store.watch(after), Vec::new());
    while seen.last().map_or(after, |e: &(u64, String, Change, u8)| e.0) < store.revision() {
        let events = watch.next().await?;
        seen.extend(events.iter().map(|e| (e.revision, e.key.name.clone(), e.change, e.value[0])));
    }
    Ok(seen)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn does_what_the_model_does(ops in proptest::collection::vec(op(), 1..40)) {
        let folder = std::env::temp_dir().join(format!("wharf-store-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("store.db");
        let _ = std::fs::remove_file(&path);
        let mut model = Model::default();
        let store = Store::open(&path).unwrap();
        for op in &ops {
            model.run(&store, op);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let revision = store.revision();
        // Once from memory, once from disk after a restart.
        let recent = runtime.block_on(follow(&store, 0)).unwrap();
        let all: Vec<_> = model.events.iter().map(|&(r, k, c, v)| (r, k.to_string(), c, v)).collect();
        prop_assert_eq!(&recent, &all);
        drop(store);
        let store = Store::open(&path).unwrap();
        prop_assert_eq!(store.revision(), revision);
        let (records, at) = store.list(Kind::by_word("pod").unwrap(), Some("default"), None).unwrap();
        prop_assert_eq!(at, revision);
        let listed: Vec<_> = records.iter().map(|r| (r.key.name.clone(), r.revision, r.value[0])).collect();
        let expected: Vec<_> = model.now.iter().map(|(k, (r, v))| (k.to_string(), *r, *v)).collect();
        prop_assert_eq!(listed, expected);
        for after in 0..=revision {
            let expected: Vec<_> = all.iter().filter(|e| e.0 > after).cloned().collect();
            match runtime.block_on(follow(&store, after)) {
                Ok(events) => prop_assert_eq!(events, expected),
                Err(Error::Compacted(_)) => prop_assert!(after < model.compacted),
                Err(e) => panic!("{e}"),
            }
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn lists_by_namespace_and_name() {
    let store = Store::in_memory().unwrap();
    let pod = Kind::by_word("pod").unwrap();
    for (namespace, name) in [("a-b", "x"), ("a", "y"), ("a", "b"), ("ab", "z")] {
        store.create(&Key::new(pod, namespace, name), Bytes::from_static(b"{}")).unwrap();
    }
    store.create(&Key::new(Kind::by_word("cm").unwrap(), "a", "c"), Bytes::from_static(b"{}")).unwrap();
    let names = |namespace| {
        let (records, _) = store.list(pod, namespace, None).unwrap();
        records.iter().map(|r| format!("{}/{}", r.key.namespace, r.key.name)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(None), "a/b a/y a-b/x ab/z");
    assert_eq!(names(Some("a")), "a/b a/y");
}

#[test]
fn a_newer_schema_and_a_strange_revision_are_refused() {
    let store = Store::in_memory().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(matches!(runtime.block_on(store.watch(7).next()), Err(Error::Compacted(7))));
    let path = std::env::temp_dir().join(format!("wharf-newer-{}.db", std::process::id()));
    rusqlite::Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    assert!(matches!(Store::open(&path), Err(Error::Newer(99))));
    std::fs::remove_file(&path).unwrap();
}
