use super::*;

/// An outlet that says when it begins to write and goes on when it is told; whatever it writes can be received.
struct Gate {
    begins: Sender<()>,
    go_on: Receiver<()>,
    written: Sender<Vec<u8>>,
}

struct Ends {
    begins: Receiver<()>,
    go_on: Sender<()>,
    written: Receiver<Vec<u8>>,
}

fn gate() -> (Box<Gate>, Ends) {
    let ((begins, begun), (told, go_on), (written, out)) = (channel(), channel(), channel());
    (Box::new(Gate { begins, go_on, written }), Ends { begins: begun, go_on: told, written: out })
}

impl Outlet for Gate {
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.begins.send(()).map_err(io::Error::other)?;
        self.go_on.recv().map_err(io::Error::other)?;
        self.written.send(lines.to_vec()).map_err(io::Error::other)
    }

    fn reopen(&mut self) -> io::Result<()> {
        self.written.send(b"reopened\n".to_vec()).map_err(io::Error::other)
    }
}

#[test]
fn a_full_queue_loses_lines_and_goes_on() {
    let (outlet, ends) = gate();
    let desk = Desk::start("test").unwrap();
    let sink = desk.sink_of("test".to_owned(), outlet, 12);
    sink.write(b"first\n");
    ends.begins.recv().unwrap();
    // The thread is stuck: these wait, and there is room for two of them.
    for line in [b"one.\n", b"two.\n", b"gone\n", b"gone\n"] {
        sink.write(line);
    }
    ends.go_on.send(()).unwrap();
    ends.begins.recv().unwrap();
    ends.go_on.send(()).unwrap();
    assert_eq!(ends.written.recv().unwrap(), b"first\n");
    assert_eq!(ends.written.recv().unwrap(), b"one.\ntwo.\n");
    sink.write(b"again\n");
    ends.begins.recv().unwrap();
    ends.go_on.send(()).unwrap();
    assert_eq!(ends.written.recv().unwrap(), b"again\n");
}

#[test]
fn beginning_anew_keeps_its_place_behind_what_was_written() {
    let (outlet, ends) = gate();
    let sink = Desk::start("test").unwrap().sink("test".to_owned(), outlet);
    sink.write(b"before\n");
    sink.reopen();
    ends.go_on.send(()).unwrap();
    ends.go_on.send(()).unwrap();
    assert_eq!(ends.written.recv().unwrap(), b"before\n");
    assert_eq!(ends.written.recv().unwrap(), b"reopened\n");
    sink.write(b"behind\n");
    assert_eq!(ends.written.recv().unwrap(), b"behind\n");
}

#[test]
fn the_last_one_who_writes_leaves_nothing_behind() {
    let (outlet, ends) = gate();
    let sink = Desk::start("test").unwrap().sink("test".to_owned(), outlet);
    let weak = sink.downgrade();
    sink.clone().write(b"last\n");
    drop(sink);
    assert!(weak.upgrade().is_none());
    ends.go_on.send(()).unwrap();
    assert_eq!(ends.written.recv().unwrap(), b"last\n");
    // The outlet is gone, and with it its end of the channel.
    ends.written.recv().unwrap_err();
}

#[test]
fn a_barrier_opens_behind_what_was_written() {
    let (outlet, ends) = gate();
    let sink = Desk::start("test").unwrap().sink("test".to_owned(), outlet);
    sink.write(b"line\n");
    let barrier = sink.barrier();
    ends.begins.recv().unwrap();
    assert!(barrier.try_recv().is_err());
    ends.go_on.send(()).unwrap();
    barrier.recv().unwrap();
    assert_eq!(ends.written.try_recv().unwrap(), b"line\n");
}

fn writing() -> Writing {
    Writing { outlet: gate().0, failing: false, lost: 0, reported: None }
}

#[test]
fn a_failure_is_told_once_and_so_is_its_end() {
    let mut writing = writing();
    let full = || Err(io::ErrorKind::StorageFull.into());
    let now = Instant::now();
    assert!(matches!(writing.outcome(full(), b"a\nb\n"), Some(News::Failing(_))));
    assert!(writing.outcome(full(), b"c\n").is_none());
    assert!(writing.losses(now).is_none());
    assert!(matches!(writing.outcome(Ok(()), b"d\n"), Some(News::Working)));
    assert!(matches!(writing.losses(now), Some(News::Lost(3))));
    assert!(writing.outcome(Ok(()), b"e\n").is_none());
    assert!(writing.losses(now).is_none());
}

#[test]
fn losses_are_told_every_now_and_then() {
    let mut writing = writing();
    let now = Instant::now();
    writing.lost = 2;
    assert!(matches!(writing.losses(now), Some(News::Lost(2))));
    writing.lost = 5;
    assert!(writing.losses(now + REPORT_EVERY / 2).is_none());
    assert!(matches!(writing.losses(now + REPORT_EVERY), Some(News::Lost(5))));
}
