//! What a new pod gets from its classes, as Kubernetes' admission plugins Priority and RuntimeClass decide.

use serde_json::{Map, Value, json};

use super::server::Rest;
use crate::api::object::meta;
use crate::api::{Key, Kind};
use crate::apiserver::{Error, ListOptions};

/// What admission gives to a pod, and an update that leaves it out keeps.
const GIVEN: [&str; 4] = ["priority", "priorityClassName", "preemptionPolicy", "overhead"];

impl Rest {
    /// Gives a new pod its priority, and the overhead and the place that its runtime class says; other kinds get none.
    ///
    /// # Errors
    /// As Kubernetes: a class does not exist, or the pod itself says what only its class may say; or the store fails.
    pub(super) fn admit_pod(&self, key: &Key, object: &mut Value) -> Result<(), Error> {
        if key.kind.kind != "Pod" {
            return Ok(());
        }
        let forbidden = |why: String| Error::Forbidden(key.clone(), why);
        let spec = &mut object["spec"];
        if let Some(name) = text(spec, "runtimeClassName") {
            let class = self.class("runtimeclasses", &name)?;
            let class = class.ok_or_else(|| forbidden(format!("pod rejected: RuntimeClass \"{name}\" not found")))?;
            runtime(spec, &class).map_err(forbidden)?;
        } else if spec["overhead"].as_object().is_some_and(|o| !o.is_empty()) {
            let why = "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead";
            return Err(forbidden(why.to_owned()));
        }
        let class = match text(spec, "priorityClassName") {
            Some(name) => {
                let class = self.class("priorityclasses", &name)?;
                Some(class.ok_or_else(|| forbidden(format!("no PriorityClass with name {name} was found")))?)
            }
            None => self.default_priority()?,
        };
        prioritize(spec, class.as_ref()).map_err(forbidden)
    }

    /// Refuses a second default priority class.
    ///
    /// # Errors
    /// As Kubernetes: another class is the default one; or the store fails.
    pub(super) fn admit_priority_class(&self, key: &Key, object: &Value) -> Result<(), Error> {
        if key.kind.kind != "PriorityClass" || object["globalDefault"] != true {
            return Ok(());
        }
        match self.default_priority()? {
            Some(other) if meta(&other, "name") != key.name => {
                let other = meta(&other, "name");
                let why = format!("PriorityClass {other} is already marked as default. Only one default can exist");
                Err(Error::Forbidden(key.clone(), why))
            }
            _ => Ok(()),
        }
    }

    fn default_priority(&self) -> Result<Option<Value>, Error> {
        let Some(kind) = Kind::by_word("priorityclasses") else { return Ok(None) };
        let all = self.list(kind, &ListOptions::default())?.items;
        let mut defaults = all.into_iter().filter(|class| class["globalDefault"] == true);
        let first = defaults.next();
        // Two can only have come before wharf looked: the lower one counts, as in Kubernetes.
        Ok(defaults.fold(first, |least, class| match least {
            Some(least) if least["value"].as_i64() <= class["value"].as_i64() => Some(least),
            _ => Some(class),
        }))
    }

    /// The class of that name, if it exists.
    fn class(&self, kind: &str, name: &str) -> Result<Option<Value>, Error> {
        let Some(kind) = Kind::by_word(kind) else { return Ok(None) };
        match self.get(&Key::new(kind, "", name)) {
            Ok(class) => Ok(Some(class)),
            Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Keeps what admission gave, where an update leaves it out.
pub(super) fn carry_over(object: &mut Value, old: &Value) {
    for field in GIVEN {
        if object["spec"][field].is_null() && !old["spec"][field].is_null() {
            object["spec"][field] = old["spec"][field].clone();
        }
    }
}

fn text(spec: &Value, field: &str) -> Option<String> {
    spec[field].as_str().filter(|t| !t.is_empty()).map(str::to_owned)
}

/// <https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/>
fn prioritize(spec: &mut Value, class: Option<&Value>) -> Result<(), String> {
    let value = class.and_then(|c| c["value"].as_i64()).unwrap_or(0);
    let policy = class.and_then(|c| c["preemptionPolicy"].as_str()).unwrap_or("PreemptLowerPriority");
    if let Some(own) = spec["priority"].as_i64().filter(|own| *own != value) {
        return Err(format!(
            "the integer value of priority ({own}) must not be provided in pod spec; priority admission controller \
             computed {value} from the given PriorityClass name"
        ));
    }
    if let Some(own) = spec["preemptionPolicy"].as_str().filter(|own| *own != policy) {
        return Err(format!(
            "the string value of PreemptionPolicy ({own}) must not be provided in pod spec; priority admission \
             controller computed {policy} from the given PriorityClass name"
        ));
    }
    if let Some(class) = class {
        spec["priorityClassName"] = meta(class, "name").into();
    }
    spec["priority"] = value.into();
    spec["preemptionPolicy"] = policy.into();
    Ok(())
}

/// <https://kubernetes.io/docs/concepts/containers/runtime-class/>
fn runtime(spec: &mut Value, class: &Value) -> Result<(), String> {
    let overhead = class["overhead"]["podFixed"].as_object().cloned().unwrap_or_default();
    let own = spec["overhead"].as_object().cloned().unwrap_or_default();
    if !own.is_empty() && own != overhead {
        return Err("pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead".to_owned());
    }
    if !overhead.is_empty() {
        spec["overhead"] = Value::Object(overhead);
    }
    let mut selector: Map<_, _> = spec["nodeSelector"].as_object().cloned().unwrap_or_default();
    for (name, value) in class["scheduling"]["nodeSelector"].as_object().into_iter().flatten() {
        if let Some(own) = selector.get(name).filter(|own| *own != value) {
            let (wanted, own) = (value.as_str().unwrap_or_default(), own.as_str().unwrap_or_default());
            return Err(format!(
                "pod rejected: conflict: runtimeClass.scheduling.nodeSelector[{name}] = {wanted}; \
                 pod.spec.nodeSelector[{name}] = {own}"
            ));
        }
        selector.insert(name.clone(), value.clone());
    }
    if !selector.is_empty() {
        spec["nodeSelector"] = Value::Object(selector);
    }
    let tolerations = class["scheduling"]["tolerations"].as_array().cloned().unwrap_or_default();
    let mut all = spec["tolerations"].as_array().cloned().unwrap_or_default();
    all.extend(tolerations.into_iter().filter(|t| !spec["tolerations"].as_array().is_some_and(|a| a.contains(t))));
    if !all.is_empty() {
        spec["tolerations"] = json!(all);
    }
    Ok(())
}
