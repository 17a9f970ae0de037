//! Sets of completion indexes, as a Job's status and success policy write them: `0,3-5,7`.
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode>

use std::collections::BTreeSet;

/// A set of indexes.
pub type Indexes = BTreeSet<i32>;

/// Reads indexes below `completions`, in ascending order.
///
/// # Errors
/// What is wrong with the text.
pub fn parse(text: &str, completions: i32) -> Result<Indexes, String> {
    let mut all = Indexes::new();
    let mut last = -1;
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let (first, end) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| {
            let bad = || format!("cannot convert string to integer for index: \"{text}\"");
            text.parse::<i32>().ok().filter(|n| *n >= 0).ok_or_else(bad)
        };
        let (first, end) = (number(first)?, number(end)?);
        if first <= last || end < first {
            return Err(format!("non-increasing order, previous: {last}, current: {first}"));
        }
        if end >= completions {
            return Err(format!("too large index: \"{part}\""));
        }
        all.extend(first..=end);
        last = end;
    }
    Ok(all)
}

/// Writes indexes, more than two in a row as a range.
#[must_use]
pub fn text(all: &Indexes) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = all.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while rest.next_if_eq(&(last + 1)).is_some() {
            last += 1;
        }
        match last - first {
            0 => parts.push(first.to_string()),
            1 => parts.push(format!("{first},{last}")),
            _ => parts.push(format!("{first}-{last}")),
        }
    }
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_written() {
        for good in ["", "0", "0,1", "1-3", "0,2-4,7,8,10-12"] {
            assert_eq!(text(&parse(good, 20).unwrap()), good);
        }
        for bad in ["x", "-1", "3,2", "4-3", "1,1", "20", "0-", "18-20"] {
            assert!(parse(bad, 20).is_err(), "{bad}");
        }
    }
}
