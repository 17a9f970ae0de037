//! The verb list: whole, or page by page.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::selection::Selection;
use super::server::{Rest, decode};
use crate::api::{Key, Kind};
use crate::apiserver::{Error, List, ListOptions, Page, PageOptions};

impl Rest {
    /// The selected objects of a kind, ordered by namespace and name.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a bad selector, or if the store fails.
    pub fn list(&self, kind: &'static Kind, options: &ListOptions) -> Result<List, Error> {
        let selection = Selection::of(options)?;
        let (records, revision) = self.store.list(kind, options.namespace.as_deref(), None)?;
        let mut items = Vec::with_capacity(records.len());
        for record in &records {
            items.push(decode(record)?);
        }
        items.retain(|item| selection.has(item));
        Ok(List { items, revision })
    }

    /// A page of the selected objects. All pages of a list show one revision: that of the first.
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks>
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a bad selector or token, [`Error::Expired`] if the revision is forgotten by now, or if the
    /// store fails.
    pub fn page(&self, kind: &'static Kind, options: &ListOptions, page: &PageOptions) -> Result<Page, Error> {
        let selection = Selection::of(options)?;
        let (at, after) = match &page.token {
            Some(token) => read(token).map(|(at, after)| (Some(at), Some(after)))?,
            None => (page.exactly, None),
        };
        if let Some(wanted) = page.not_older.or(page.exactly).filter(|wanted| *wanted > self.store.revision()) {
            return Err(Error::Future(wanted, self.store.revision()));
        }
        let (records, revision) = self.store.list(kind, options.namespace.as_deref(), at)?;
        let place = |key: &Key| (key.namespace.clone(), key.name.clone());
        let mut found = records.iter().filter(|r| after.as_ref().is_none_or(|after| place(&r.key) > *after));
        let limit = page.limit.filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let (mut items, mut last) = (Vec::new(), None);
        while items.len() < limit
            && let Some(record) = found.next()
        {
            let item = decode(record)?;
            if selection.has(&item) {
                items.push(item);
                last = Some(place(&record.key));
            }
        }
        let left = found.count();
        let next = last.filter(|_| left > 0).map(|last| write(revision, &last));
        // With a selector nobody knows how many of them are selected.
        let known = next.is_some() && options.labels.is_empty() && options.fields.is_empty();
        Ok(Page { items, revision, next, left: known.then_some(left) })
    }
}

/// Where the next page begins: a revision, and the namespace and name after which.
fn write(revision: u64, (namespace, name): &(String, String)) -> String {
    let token = json!({"v": "meta.k8s.io/v1", "rv": revision, "start": [namespace, name]});
    BASE64_URL_SAFE_NO_PAD.encode(token.to_string())
}

fn read(token: &str) -> Result<(u64, (String, String)), Error> {
    let parse = || {
        let token: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(token).ok()?).ok()?;
        Some((token["rv"].as_u64()?, serde_json::from_value(token["start"].clone()).ok()?))
    };
    parse().ok_or_else(|| Error::BadRequest("continue key is not valid".into()))
}
