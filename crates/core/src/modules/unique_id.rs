//! mod_unique_id: gives each request a name of its own, UNIQUE_ID.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::moment::Moment;
use crate::request::Request;
use crate::snapshot::Snapshot;
use crate::world::World;

/// What tells the requests of this process and this configuration from all others.
#[derive(Debug)]
pub(crate) struct UniqueIds {
    /// By chance, so that machines and restarts differ.
    root: [u8; 10],
    next: AtomicU64,
}

impl UniqueIds {
    pub(crate) fn new(world: &dyn World) -> Self {
        let byte = || u8::try_from(world.random(256)).unwrap_or_default();
        let first = u64::from_le_bytes([byte(), byte(), byte(), byte(), 0, 0, 0, 0]);
        Self { root: std::array::from_fn(|_| byte()), next: AtomicU64::new(first) }
    }

    /// As httpd writes it (`gen_unique_id`): second, root, count; 27 characters.
    fn make(&self, received: Moment) -> String {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        // The second as a number of 32 bits, as httpd has it until 2106.
        let second = received.since_epoch.as_secs() as u32;
        let (low, high) = (count as u16, (count >> 16) as u32);
        let parts = [&second.to_be_bytes()[..], &self.root, &low.to_be_bytes(), &high.to_be_bytes()];
        URL_SAFE_NO_PAD.encode(parts.concat())
    }
}

/// `set_unique_id`: a request that was redirected internally keeps the name that it had.
pub(crate) fn mark(snapshot: &Snapshot, request: &mut Request) {
    let Some(ids) = &snapshot.unique_ids else { return };
    let known = request.env.get("REDIRECT_UNIQUE_ID").filter(|_| request.redirects > 0).cloned();
    let id = known.unwrap_or_else(|| ids.make(request.received).into());
    request.env.set("UNIQUE_ID", id);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::world::Still;

    #[test]
    fn no_two_are_the_same() {
        let ids = UniqueIds::new(&Still::default());
        ids.next.store(u64::from(u16::MAX) - 500, Ordering::Relaxed);
        let made: HashSet<String> = (0..1000).map(|_| ids.make(Moment::default())).collect();
        assert_eq!(made.len(), 1000);
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        assert!(made.iter().all(|id| id.len() == 27 && id.bytes().all(letter)));
    }
}
