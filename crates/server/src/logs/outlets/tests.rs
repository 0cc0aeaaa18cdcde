use std::fs;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use tempfile::TempDir;

use super::*;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A named pipe, through which a program tells the test something.
fn fifo(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("fifo");
    mkfifo(&path, Mode::S_IRWXU).unwrap();
    path
}

fn program(command: String, shell: bool, folder: &TempDir) -> Program {
    let folder = folder.path().to_str().unwrap().into();
    Program { command: command.into(), shell, folder }
}

#[test]
fn a_file_is_appended_to_and_begun_anew_under_its_name() {
    let folder = folder();
    let (path, moved) = (folder.path().join("a.log"), folder.path().join("a.log.1"));
    fs::write(&path, "old\n").unwrap();
    let mut file = LogFile::open(&path).unwrap();
    assert!(!file.may_block());
    file.write(b"one\n").unwrap();
    fs::rename(&path, &moved).unwrap();
    file.write(b"two\n").unwrap();
    file.reopen().unwrap();
    file.write(b"three\n").unwrap();
    assert_eq!(fs::read_to_string(&moved).unwrap(), "old\none\ntwo\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), "three\n");
}

#[test]
fn a_file_that_cannot_be_opened_anew_goes_on() {
    let folder = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let mut file = LogFile::open(&inner.join("a.log")).unwrap();
    let moved = folder.path().join("moved");
    fs::rename(&inner, &moved).unwrap();
    assert_eq!(file.reopen().unwrap_err().kind(), io::ErrorKind::NotFound);
    file.write(b"still\n").unwrap();
    assert_eq!(fs::read_to_string(moved.join("a.log")).unwrap(), "still\n");
}

#[test]
fn what_is_no_regular_file_may_block() {
    let folder = folder();
    let path = fifo(&folder);
    assert!(LogFile::open(&path).unwrap().may_block());
    assert!(LogFile::open(Path::new("/dev/null")).unwrap().may_block());
    LogFile::open(Path::new("/dev/stderr")).unwrap();
}

#[test]
fn a_program_reads_lines_until_the_log_is_closed() {
    let folder = folder();
    let out = folder.path().join("out");
    let mut piped =
        PipedProgram::start(program("dd 'of=out' status=none".to_owned(), false, &folder)).unwrap();
    piped.write(b"one\ntwo\n").unwrap();
    piped.write(b"three\n").unwrap();
    // Its end is waited for.
    drop(piped);
    assert_eq!(fs::read_to_string(out).unwrap(), "one\ntwo\nthree\n");
}

#[test]
fn a_program_that_ended_is_started_anew() {
    let folder = folder();
    let path = fifo(&folder);
    let command = "read -r line; echo \"got $line\" > fifo".to_owned();
    let mut piped = PipedProgram::start(program(command, true, &folder)).unwrap();
    piped.write(b"one\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "got one\n");
    piped.child.as_mut().unwrap().wait().unwrap();
    piped.write(b"two\n").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "got two\n");
}

#[test]
fn a_program_that_closes_its_input_is_replaced_but_not_at_once_again() {
    let folder = folder();
    let path = fifo(&folder);
    let command = "exec <&-; echo deaf > fifo; exec sleep 60".to_owned();
    let mut piped = PipedProgram::start(program(command, true, &folder)).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "deaf\n");
    let first = piped.child.as_ref().unwrap().id();
    // The second one may take the lines before it closes its input; either way it is another one.
    _ = piped.write(b"one\n");
    assert_ne!(piped.child.as_ref().unwrap().id(), first);
    assert_eq!(fs::read_to_string(&path).unwrap(), "deaf\n");
    piped.pause.not_before = Some(Instant::now() + Duration::from_secs(3600));
    let error = piped.write(b"two\n").unwrap_err();
    assert!(error.to_string().contains("not started again before"), "{error}");
    assert!(piped.child.is_none());
}

#[test]
fn a_program_that_is_not_there_is_an_error() {
    let folder = folder();
    let none = program("/no/such/program a".to_owned(), false, &folder);
    let error = PipedProgram::start(none).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(PipedProgram::start(program(String::new(), false, &folder)).is_err());
}

#[test]
fn pauses_grow_and_are_forgotten() {
    let mut pause = Pause { not_before: None, next: Pause::FIRST };
    let now = Instant::now();
    pause.start(now).unwrap();
    assert_eq!(pause.start(now).unwrap_err(), Pause::FIRST);
    let mut at = now;
    for _ in 0..20 {
        at = pause.not_before.unwrap();
        pause.start(at).unwrap();
    }
    assert_eq!(pause.start(at).unwrap_err(), Pause::LONGEST);
    let later = at + 3 * Pause::LONGEST;
    pause.start(later).unwrap();
    assert_eq!(pause.start(later).unwrap_err(), Pause::FIRST);
}

#[test]
fn the_systems_log_gets_a_datagram_for_each_line() {
    let folder = folder();
    let path = folder.path().join("log");
    let mut system = SystemLog::new(&path);
    assert!(system.write(b"nobody\n").is_err());
    let daemon = UnixDatagram::bind(&path).unwrap();
    system.write(b"<28>a\n<29>b\n").unwrap();
    let receive = |daemon: &UnixDatagram| {
        let mut buffer = [0; 64];
        let len = daemon.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..len].to_vec()).unwrap()
    };
    assert_eq!((receive(&daemon), receive(&daemon)), ("<28>a".to_owned(), "<29>b".to_owned()));
    // A daemon that was started anew is found again.
    drop(daemon);
    fs::remove_file(&path).unwrap();
    let daemon = UnixDatagram::bind(&path).unwrap();
    system.write(b"<28>c\n").unwrap();
    assert_eq!(receive(&daemon), "<28>c");
}
