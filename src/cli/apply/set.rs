//! Which objects belong together: every apply remembers what it applied as a set, in the form of kubectl's ApplySets, and
//! with --prune what left the set is known by that. Pure.
//! <https://github.com/kubernetes/enhancements/tree/master/keps/sig-cli/3659-kubectl-apply-prune>

use std::cmp::Reverse;
use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::write::MANAGER;
use crate::api::names::SYSTEM_NAMESPACE;
use crate::api::{KINDS, Key, Kind, View};
use crate::cli::args::Sets;

/// The label of every member; its value is the set's id.
pub const PART_OF: &str = "applyset.kubernetes.io/part-of";
/// The longest name of a set.
const LONGEST: usize = 63;

/// A set of objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// The namespace that it was applied for.
    namespace: String,
    /// Its name there.
    pub name: String,
    /// Whether the user named it, rather than the files.
    is_named: bool,
}

/// What an apply does to sets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Membership {
    /// The id of the set that each object is to be in, in their order.
    pub ids: Vec<Option<String>>,
    /// What is to go, in the order to delete it: what uses something goes before what it uses.
    pub pruned: Vec<Key>,
    /// What left the files and is kept, with the option that deletes it.
    pub kept: Vec<(Key, &'static str)>,
    /// The object that stands for the set, if it is to be written.
    pub parent: Option<Value>,
}

/// Why an apply may not prune.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The set has no name.
    #[error("what comes from standard input alone belongs to no set")]
    Nameless,
    /// The set is somebody else's.
    #[error("the set \"{0}\" holds {1}, and nothing of what is in the files: it seems to be another app's")]
    Strange(String, String),
    /// An object is in another set.
    #[error("{0} belongs to another set than \"{1}\"")]
    Taken(Key, String),
}

impl Set {
    /// The set that is named, or else the one that the names of the sources stand for: their last parts without endings,
    /// wherever they lie, as a checkout may lie elsewhere each time. `folder` is the name of the working directory, for
    /// `.`. What comes from standard input alone has no name.
    pub fn of(namespace: &str, named: Option<&str>, sources: &[String], folder: &str) -> Option<Self> {
        let set = |name: String, is_named| Self { namespace: namespace.to_owned(), name, is_named };
        if let Some(name) = named {
            return Some(set(name.to_owned(), true));
        }
        let last = |source: &String| {
            let path = source.trim_end_matches('/');
            let last = path.rsplit('/').next().unwrap_or(path);
            let last = if matches!(last, "" | "." | "..") { folder } else { last };
            let stem = [".yaml", ".yml", ".json"].iter().find_map(|e| last.strip_suffix(e)).unwrap_or(last);
            let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
            stem.chars().map(fit).collect::<String>()
        };
        let parts: Vec<String> = sources.iter().filter(|s| *s != "-").map(last).collect();
        let name: String = parts.join("-").chars().take(LONGEST).collect();
        let name = name.trim_matches('-');
        (!name.is_empty()).then(|| set(name.to_owned(), false))
    }

    /// The object that stands for the set. The namespace of wharf's own things keeps it out of the user's way.
    fn parent(&self) -> Key {
        let kind = Kind::of::<k8s_openapi::api::core::v1::ConfigMap>();
        Key::new(kind, SYSTEM_NAMESPACE, &format!("applyset.{}.{}", self.namespace, self.name))
    }

    /// The set's id.
    pub fn id(&self) -> String {
        let Key { kind, namespace, name } = self.parent();
        let text = format!("{name}.{namespace}.{}.{}", kind.kind, kind.group);
        format!("applyset-{}-v1", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(text)))
    }

    /// The parent object of a set with these members.
    fn parent_object(&self, members: &BTreeSet<Key>) -> Value {
        let parent = self.parent();
        let list = |words: BTreeSet<String>| words.into_iter().collect::<Vec<_>>().join(",");
        let kind = |key: &Key| match key.kind.group {
            "" => key.kind.kind.to_owned(),
            group => format!("{}.{group}", key.kind.kind),
        };
        let namespaces =
            members.iter().map(|key| key.namespace.clone()).filter(|n| !n.is_empty() && n != SYSTEM_NAMESPACE);
        json!({
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {
                "name": parent.name, "namespace": parent.namespace,
                "labels": {"applyset.kubernetes.io/id": self.id()},
                "annotations": {
                    "applyset.kubernetes.io/tooling": "wharf/v1",
                    "applyset.kubernetes.io/contains-group-kinds": list(members.iter().map(kind).collect()),
                    "applyset.kubernetes.io/additional-namespaces": list(namespaces.collect()),
                },
            },
        })
    }
}

/// The set that an object on the node is in.
fn set_of(view: &View, key: &Key) -> Option<String> {
    view.metadata(key)?.labels.as_ref()?.get(PART_OF).cloned()
}

/// What an apply of the wanted objects does to its set. Without `--prune` it takes nothing from another set, and joins
/// none that seems to be another app's.
///
/// # Errors
/// With `--prune`, why it is not safe.
pub fn plan(set: Option<&Set>, options: &Sets, wanted: &[Key], view: &View) -> Result<Membership, Refusal> {
    let found: Vec<Option<String>> = wanted.iter().map(|key| set_of(view, key)).collect();
    let Some(set) = set else {
        return if options.prune {
            Err(Refusal::Nameless)
        } else {
            Ok(Membership { ids: found, ..Membership::default() })
        };
    };
    let (id, members) = (set.id(), members(view, &set.id()));
    // A namespace may be in the files of several apps.
    let counts = |key: &&Key| key.kind.kind != "Namespace";
    let first = members.iter().find(counts).map(Key::to_string);
    let is_strange = first.is_some() && !wanted.iter().filter(counts).any(|key| members.contains(key));
    let is_strange = is_strange && !set.is_named && !options.force_conflicts;
    if !options.prune {
        let own = (!is_strange).then_some(id);
        let ids: Vec<_> = found.into_iter().map(|found| found.or_else(|| own.clone())).collect();
        let parent = own.map(|_| set.parent_object(&members.into_iter().chain(wanted.iter().cloned()).collect()));
        return Ok(Membership { ids, parent: parent.filter(|p| is_news(view, p)), ..Membership::default() });
    }
    if let (true, Some(first)) = (is_strange, first) {
        return Err(Refusal::Strange(set.name.clone(), first));
    }
    let taken = |(_, found): &(&Key, &Option<String>)| found.as_ref().is_some_and(|found| *found != id);
    if let Some((key, _)) = wanted.iter().zip(&found).find(taken).filter(|_| !options.force_conflicts) {
        return Err(Refusal::Taken(key.clone(), set.name.clone()));
    }
    let mut plan = Membership { ids: vec![Some(id); wanted.len()], ..Membership::default() };
    for key in members.iter().filter(|key| !wanted.contains(key)) {
        match keeper(key, options) {
            Some(option) => plan.kept.push((key.clone(), option)),
            None => plan.pruned.push(key.clone()),
        }
    }
    plan.pruned.sort_by_key(|key| Reverse(KINDS.iter().position(|kind| kind == key.kind)));
    let left = members.into_iter().filter(|key| !plan.pruned.contains(key)).chain(wanted.iter().cloned()).collect();
    plan.parent = Some(set.parent_object(&left)).filter(|p| is_news(view, p));
    Ok(plan)
}

/// The members of a set that are not on their way out: what wharf applied. Others may have the label too, as Endpoints have
/// all labels of their Service.
fn members(view: &View, id: &str) -> BTreeSet<Key> {
    let is_member = |key: &Key| {
        let Some(meta) = view.metadata(key) else { return false };
        let is_apply = |f: &ManagedFieldsEntry| f.operation.as_deref() == Some("Apply");
        let is_ours = |f: &ManagedFieldsEntry| is_apply(f) && f.manager.as_deref() == Some(MANAGER);
        let is_applied = meta.managed_fields.iter().flatten().any(is_ours);
        set_of(view, key).as_deref() == Some(id) && meta.deletion_timestamp.is_none() && is_applied
    };
    KINDS.iter().flat_map(|kind| view.keys(kind)).filter(is_member).collect()
}

/// The option without which an object is kept: data is not to be lost by an edit of a file.
fn keeper(key: &Key, options: &Sets) -> Option<&'static str> {
    match key.kind.kind {
        "PersistentVolumeClaim" | "PersistentVolume" if !options.prune_claims => Some("--prune-claims"),
        "Namespace" if !options.prune_namespaces => Some("--prune-namespaces"),
        _ => None,
    }
}

/// Whether the parent is not there as it should be.
fn is_news(view: &View, parent: &Value) -> bool {
    let now = view.value(&Key::of(Kind::of::<k8s_openapi::api::core::v1::ConfigMap>(), parent)).unwrap_or_default();
    ["labels", "annotations"].iter().any(|field| now["metadata"][field] != parent["metadata"][field])
}

#[cfg(test)]
mod tests;
