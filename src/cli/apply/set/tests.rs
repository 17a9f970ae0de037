//! Which set files stand for, and what leaves it.

use serde_json::{Value, json};

use super::*;

fn name(sources: &[&str]) -> String {
    let sources: Vec<String> = sources.iter().map(|s| (*s).to_owned()).collect();
    Set::of("default", None, &sources, "shop").map(|set| set.name).unwrap_or_default()
}

#[test]
fn a_set_is_named_by_the_names_of_its_files_wherever_they_lie() {
    assert_eq!(name(&["k8s/"]), "k8s");
    assert_eq!(name(&["/builds/1234/shop/k8s"]), "k8s");
    assert_eq!(name(&["./app.yaml", "../db.json", "-"]), "app-db");
    assert_eq!(name(&["."]), "shop");
    assert_eq!(name(&["https://example.org/My%20App.yml"]), "my-20app");
    assert_eq!(name(&["-"]), "");
    let named = Set::of("shop", Some("mine"), &[], "").unwrap();
    let other = Set::of("default", Some("mine"), &[], "").unwrap();
    assert_ne!(named.id(), other.id(), "sets of two namespaces are two");
    assert!(named.id().len() <= 63 && named.id().ends_with("-v1"), "{}", named.id());
}

fn put(view: &mut View, word: &str, name: &str, set: &Set) -> Key {
    let kind = Kind::by_word(word).unwrap();
    let applied = json!([{"manager": MANAGER, "operation": "Apply"}]);
    let labels = json!({PART_OF: set.id()});
    let metadata = json!({"name": name, "namespace": "default", "labels": labels, "managedFields": applied});
    let object: Value = json!({"metadata": metadata});
    let key = Key::of(kind, &object);
    view.insert(key.clone(), (kind.decode)(&object).unwrap());
    key
}

fn told(plan: Result<Membership, Refusal>) -> String {
    match plan {
        Err(refusal) => refusal.to_string(),
        Ok(plan) => {
            let pruned: Vec<String> = plan.pruned.iter().map(Key::to_string).collect();
            let kept: Vec<String> = plan.kept.iter().map(|(key, option)| format!("{key} {option}")).collect();
            format!("pruned: {}; kept: {}", pruned.join(", "), kept.join(", "))
        }
    }
}

#[test]
fn what_left_goes_in_order_and_data_stays() {
    let (set, mut view) = (Set::of("default", Some("app"), &[], "").unwrap(), View::default());
    let stays = put(&mut view, "cm", "stays", &set);
    for (word, name) in [("cm", "old"), ("svc", "old"), ("deploy", "old"), ("pvc", "data"), ("ns", "shop")] {
        put(&mut view, word, name, &set);
    }
    let options = Sets { prune: true, ..Sets::default() };
    let wanted = [stays];
    insta::assert_snapshot!(told(plan(Some(&set), &options, &wanted, &view)), @"pruned: Deployment default/old, Service default/old, ConfigMap default/old; kept: Namespace shop --prune-namespaces, PersistentVolumeClaim default/data --prune-claims");
    let all = Sets { prune: true, prune_claims: true, prune_namespaces: true, ..Sets::default() };
    insta::assert_snapshot!(told(plan(Some(&set), &all, &wanted, &view)), @"pruned: Deployment default/old, Service default/old, PersistentVolumeClaim default/data, ConfigMap default/old, Namespace shop; kept: ");
    let parent = plan(Some(&set), &options, &wanted, &view).unwrap().parent.unwrap();
    let annotations = &parent["metadata"]["annotations"];
    assert_eq!(annotations["applyset.kubernetes.io/contains-group-kinds"], "ConfigMap,Namespace,PersistentVolumeClaim");
    assert_eq!(annotations["applyset.kubernetes.io/additional-namespaces"], "default");
}

#[test]
fn nothing_is_taken_from_another_app() {
    let sources = ["k8s".to_owned()];
    let (set, mut view) = (Set::of("default", None, &sources, "").unwrap(), View::default());
    let theirs = put(&mut view, "cm", "theirs", &set);
    let mine = Key::new(theirs.kind, "default", "mine");
    let (plain, prune) = (Sets::default(), Sets { prune: true, ..Sets::default() });
    // Two projects with a folder of one name: the second one joins nothing, and may not prune.
    let joined = plan(Some(&set), &plain, std::slice::from_ref(&mine), &view).unwrap();
    assert_eq!((joined.ids, joined.parent), (vec![None], None));
    let refused = told(plan(Some(&set), &prune, std::slice::from_ref(&mine), &view));
    assert_eq!(
        refused,
        "the set \"k8s\" holds ConfigMap default/theirs, and nothing of what is in the files: it seems to be another app's"
    );
    // What is in one set stays there, unless told otherwise.
    let named = Set::of("default", Some("mine"), &[], "").unwrap();
    let wanted = [theirs, mine];
    let of = |options: &Sets| plan(Some(&named), options, &wanted, &view);
    assert_eq!(of(&plain).unwrap().ids, [Some(set.id()), Some(named.id())]);
    assert_eq!(told(of(&prune)), "ConfigMap default/theirs belongs to another set than \"mine\"");
    let forced = Sets { prune: true, force_conflicts: true, ..Sets::default() };
    assert_eq!(of(&forced).unwrap().ids, [Some(named.id()), Some(named.id())]);
    assert_eq!(told(plan(None, &prune, &wanted, &view)), "what comes from standard input alone belongs to no set");
}
