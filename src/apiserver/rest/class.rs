//! The classes that claims and ingresses get which name none, as Kubernetes' admission plugins decide.

use serde_json::Value;

use super::server::Rest;
use crate::api::object::meta;
use crate::api::{Key, Kind};
use crate::apiserver::{Error, ListOptions};

/// How ingresses named their class before `spec.ingressClassName`; with it they get no default.
const OLD_CLASS: &str = "kubernetes.io/ingress.class";

impl Rest {
    /// Names the default class in a new claim or ingress that names none; without a default class it stays so.
    ///
    /// # Errors
    /// As Kubernetes: several ingress classes are the default one; or the store fails.
    pub(super) fn default_class(&self, key: &Key, object: &mut Value) -> Result<(), Error> {
        match key.kind.kind {
            "PersistentVolumeClaim" if object["spec"]["storageClassName"].is_null() => {
                // <https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass>: the newest one.
                let newest = self.defaults::<k8s_openapi::api::storage::v1::StorageClass>("storageclass")?.pop();
                if let Some(class) = newest {
                    object["spec"]["storageClassName"] = class.into();
                }
            }
            "Ingress" if object["spec"]["ingressClassName"].is_null() => {
                if object["metadata"]["annotations"][OLD_CLASS].is_string() {
                    return Ok(());
                }
                // <https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class>
                let mut all = self.defaults::<k8s_openapi::api::networking::v1::IngressClass>("ingressclass")?;
                if all.len() > 1 {
                    let why = format!("{} default IngressClasses were found, only 1 allowed", all.len());
                    return Err(Error::Forbidden(key.clone(), why));
                }
                if let Some(class) = all.pop() {
                    object["spec"]["ingressClassName"] = class.into();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The names of the classes that are marked as the default one, the newest last.
    fn defaults<T: crate::api::Object>(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let mark = format!("{prefix}.kubernetes.io/is-default-class");
        let mut classes = self.list(Kind::of::<T>(), &ListOptions::default())?.items;
        classes.retain(|class| class["metadata"]["annotations"][&mark] == "true");
        classes.sort_by_key(|class| (meta(class, "creationTimestamp").to_owned(), meta(class, "name").to_owned()));
        Ok(classes.iter().map(|class| meta(class, "name").to_owned()).collect())
    }
}
