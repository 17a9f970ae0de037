//! An API on a store in memory.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::Ranges;
use crate::api::object::meta;
use crate::apiserver::{Config, Rest};
use crate::store::Store;

pub fn rest_over(store: Store) -> Rest {
    let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    Rest::new(store, Config { node: "test".into(), ranges }).unwrap()
}

pub fn rest() -> Rest {
    rest_over(Store::in_memory().unwrap())
}

pub fn config(name: &str, value: &str) -> Value {
    json!({"metadata": {"name": name, "labels": {"v": value}}, "data": {"v": value}})
}

pub fn revision(object: &Value) -> u64 {
    meta(object, "resourceVersion").parse().unwrap()
}

pub async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), future).await.expect("in time")
}
