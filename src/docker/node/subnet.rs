//! Which subnets a node's network may take.

use std::net::Ipv4Addr;

use sha2::{Digest, Sha256};

use crate::api::net::Cidr;

/// The /16s that nodes choose from: 10.64.0.0 to 10.127.0.0, which neither Docker nor the usual home router hands out.
const CHOICES: u8 = 64;

/// Every choice that overlaps nothing taken, the first one following from the node's name, so that a node that is
/// brought up anew gets its old addresses.
pub(super) fn candidates(node: &str, taken: &[Cidr]) -> Vec<Cidr> {
    let first = Sha256::digest(node.as_bytes()).first().copied().unwrap_or_default();
    let choice = |n: u8| Cidr { base: Ipv4Addr::new(10, 64 + first.wrapping_add(n) % CHOICES, 0, 0), prefix: 16 };
    (0..CHOICES).map(choice).filter(|c| !taken.iter().any(|t| t.overlaps(*c))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_a_first_choice_and_all_others_after_it() {
        let all = candidates("wharf", &[]);
        assert_eq!(all, candidates("wharf", &[]));
        assert_ne!(all[0], candidates("wharf-2", &[])[0]);
        let mut sorted = all.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 64);
    }

    #[test]
    fn what_overlaps_is_left_out() {
        let all = candidates("wharf", &[]);
        let taken = [Cidr { base: all[0].at(256), prefix: 24 }, all[1], "10.96.0.0/11".parse().unwrap()];
        let left = candidates("wharf", &taken);
        assert!(left.len() <= 32 && left.iter().all(|c| !taken.iter().any(|t| t.overlaps(*c))), "{left:?}");
        assert_eq!(candidates("wharf", &["10.0.0.0/8".parse().unwrap()]), []);
    }
}
