//! Deadlines in a hierarchical timing wheel: setting, clearing and finding the next one take constant time.
//!
//! Level 0 has a slot per tick, each further level slots 64 times as wide. A key lies in the level of the highest
//! bit in which its tick differs from the present, and moves down when time enters its slot. Nothing runs
//! periodically: [`Wheel::next`] says when the wheel wants to be looked at again.

/// Milliseconds per tick are `1 << TICK_BITS`: deadlines are coarse, so that many expire in one go.
const TICK_BITS: u32 = 4;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
/// 36 bits of ticks: 34 years of uptime.
const LEVELS: usize = 6;
const NONE: u32 = u32::MAX;
const UNSET: u16 = u16::MAX;

/// The deadlines of keys, which are small numbers (slab keys).
#[derive(Debug)]
pub(crate) struct Wheel {
    present: u64,
    occupied: [u64; LEVELS],
    first: [[u32; SLOTS]; LEVELS],
    nodes: Vec<Node>,
}

/// A key's place in the list of its slot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    tick: u64,
    before: u32,
    after: u32,
    slot: u16,
}

impl Wheel {
    /// `now` as all times here in milliseconds of the same clock.
    pub(crate) fn new(now: u64) -> Self {
        Self {
            present: now >> TICK_BITS,
            occupied: [0; LEVELS],
            first: [[NONE; SLOTS]; LEVELS],
            nodes: Vec::new(),
        }
    }

    /// Sets or moves a key's deadline. It comes at the end of the tick, never early.
    pub(crate) fn set(&mut self, key: u32, due: u64) {
        self.clear(key);
        if self.nodes.len() <= key as usize {
            self.nodes.resize(key as usize + 1, Node { tick: 0, before: NONE, after: NONE, slot: UNSET });
        }
        self.insert(key, (due >> TICK_BITS) + 1);
    }

    /// The key has no deadline any more.
    pub(crate) fn clear(&mut self, key: u32) {
        let Some(node) = self.nodes.get_mut(key as usize).filter(|n| n.slot != UNSET) else { return };
        let Node { before, after, slot, .. } = *node;
        node.slot = UNSET;
        if after != NONE {
            self.nodes[after as usize].before = before;
        }
        if before != NONE {
            self.nodes[before as usize].after = after;
            return;
        }
        let (level, slot) = (usize::from(slot) / SLOTS, usize::from(slot) % SLOTS);
        self.first[level][slot] = after;
        if after == NONE {
            self.occupied[level] &= !(1 << slot);
        }
    }

    /// Takes a key whose deadline has come, if there is one.
    pub(crate) fn pop(&mut self, now: u64) -> Option<u32> {
        let now = now >> TICK_BITS;
        loop {
            let (level, slot, start) =
                self.earliest().filter(|&(_, _, start)| start <= now).or_else(|| {
                    self.present = self.present.max(now);
                    None
                })?;
            self.present = self.present.max(start);
            let key = self.first[level][slot];
            if level == 0 {
                self.clear(key);
                return Some(key);
            }
            self.spread(level, slot);
        }
    }

    /// Time enters this slot: its keys move to the levels below, all of them, since those are looked at first.
    fn spread(&mut self, level: usize, slot: usize) {
        let mut key = self.first[level][slot];
        while key != NONE {
            let Node { tick, after, .. } = self.nodes[key as usize];
            self.clear(key);
            self.insert(key, tick);
            key = after;
        }
    }

    /// When to look again: no deadline comes before.
    pub(crate) fn next(&self) -> Option<u64> {
        self.earliest().map(|(_, _, start)| start << TICK_BITS)
    }

    fn insert(&mut self, key: u32, tick: u64) {
        let tick = tick.max(self.present);
        let highest = 63 - ((tick ^ self.present) | 1).leading_zeros();
        let level = ((highest / SLOT_BITS) as usize).min(LEVELS - 1);
        let slot = (tick >> (SLOT_BITS * level as u32)) as usize % SLOTS;
        let after = self.first[level][slot];
        if after != NONE {
            self.nodes[after as usize].before = key;
        }
        self.first[level][slot] = key;
        self.occupied[level] |= 1 << slot;
        self.nodes[key as usize] = Node { tick, before: NONE, after, slot: (level * SLOTS + slot) as u16 };
    }

    /// The slot that time enters first: its level, its number and its first tick.
    fn earliest(&self) -> Option<(usize, usize, u64)> {
        let level = self.occupied.iter().position(|&slots| slots != 0)?;
        let width = SLOT_BITS * level as u32;
        let here = (self.present >> width) as u32 % SLOTS as u32;
        let ahead = self.occupied[level].rotate_right(here).trailing_zeros();
        let start = ((self.present >> width) + u64::from(ahead)) << width;
        let slot = (here + ahead) as usize % SLOTS;
        Some((level, slot, start))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_due_before_its_time_and_nothing_is_forgotten() {
        let mut wheel = Wheel::new(1000);
        for (key, due) in [(0, 1001), (1, 60_000), (2, 60_000), (3, 3_600_000), (4, 86_400_000)] {
            wheel.set(key, due);
        }
        wheel.clear(2);
        let mut seen = Vec::new();
        let mut looks = 0;
        while let Some(now) = wheel.next() {
            looks += 1;
            while let Some(key) = wheel.pop(now) {
                seen.push((key, now));
            }
        }
        let keys: Vec<u32> = seen.iter().map(|s| s.0).collect();
        assert_eq!(keys, [0, 1, 3, 4]);
        assert!(looks <= 4 * LEVELS, "{looks} looks");
    }

    proptest! {
        #[test]
        fn agrees_with_a_sorted_map(steps in prop::collection::vec((0..40_u32, 0..200_000_u64, 0..3_u8, 0..50_000_u64), 1..200)) {
            let mut now = 12_345;
            let mut wheel = Wheel::new(now);
            let mut model = BTreeMap::new();
            for (key, ahead, what, pass) in steps {
                match what {
                    0 => { wheel.clear(key); model.remove(&key); }
                    1 => { wheel.set(key, now + ahead); model.insert(key, now + ahead); }
                    _ => {
                        now += pass;
                        while let Some(key) = wheel.pop(now) {
                            let due = model.remove(&key).expect("popped twice");
                            prop_assert!(due <= now, "{key} due {due} popped at {now}");
                        }
                        for (key, due) in &model {
                            prop_assert!(due + (1 << TICK_BITS) > now, "{key} due {due} forgotten at {now}");
                        }
                    }
                }
                if let Some(least) = model.values().min() {
                    prop_assert!(wheel.next().is_some_and(|next| next <= least + (1 << TICK_BITS)));
                }
            }
        }
    }
}
