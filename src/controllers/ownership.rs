//! Which objects are a workload's: it adopts those that it selects and nobody has, and lets go of those that it does not
//! select any more. <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works>

use crate::api::{Object, Plan, View};

/// The objects of type `D` that are the owner's, in the order of their names; those that are about to be adopted
/// included, and known by having no controller yet. `selects` says which it wants, `fits` which orphans it takes.
pub fn claim<'a, T: Object, D: Object>(
    view: &'a View,
    owner: &T,
    selects: impl Fn(&D) -> bool,
    fits: impl Fn(&D) -> bool,
    plan: &mut Plan,
) -> Vec<&'a D> {
    let mut mine = Vec::new();
    for object in view.list::<D>(owner.namespace()) {
        match object.controller() {
            Some(other) if other.uid != owner.uid() => {}
            Some(_) if selects(object) => mine.push(object),
            Some(_) if owner.is_deleting() => {}
            Some(_) => {
                let mut released = object.clone();
                released.metadata_mut().owner_references.iter_mut().for_each(|o| o.retain(|o| o.uid != owner.uid()));
                plan.update(&released, format!("{} does not select it any more", owner.name()));
            }
            None if selects(object) && fits(object) && !owner.is_deleting() => {
                let mut adopted = object.clone();
                adopted.metadata_mut().owner_references.get_or_insert_default().push(owner.owner_reference());
                plan.update(&adopted, format!("{} selects it", owner.name()));
                mine.push(object);
            }
            None => {}
        }
    }
    mine
}
