//! The one buffer that all tunnels of a thread share: bytes rest in it only within one call.

use std::cell::RefCell;

/// Larger than the usual message with its frame head; below 32 KiB a 16 KiB message would cost two rounds.
pub(crate) const SIZE: usize = 64 * 1024;

thread_local! {
    static SHARED: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's buffer. Not to be nested: what runs inside moves bytes and nothing else.
pub(crate) fn with<T>(work: impl FnOnce(&mut [u8]) -> T) -> T {
    SHARED.with_borrow_mut(|buffer| {
        if buffer.is_empty() {
            buffer.resize(SIZE, 0);
        }
        work(buffer)
    })
}
