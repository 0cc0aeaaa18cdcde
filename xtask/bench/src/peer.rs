//! The servers that are compared: how each is configured to do the same, started and stopped.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use crate::cost::Meter;

/// A server that can be measured.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) program: PathBuf,
    configuration: &'static str,
    arguments: &'static [&'static str],
    /// What makes it tell its version.
    version: &'static str,
}

/// One that runs. Dropping it ends it.
pub(crate) struct Running {
    child: Child,
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    folder: TempDir,
}

/// What a peer is to do.
pub(crate) struct Task<'t> {
    pub(crate) backend: SocketAddr,
    /// Folder with `cert.pem`, `key.pem` and `both.pem`.
    pub(crate) keys: &'t Path,
    /// Connections that it has to bear.
    pub(crate) conns: usize,
    pub(crate) workers: usize,
    /// The processor that it has to itself, if so.
    pub(crate) processor: Option<usize>,
}

const PATIENCE: Duration = Duration::from_secs(20);

const KNOWN: &[(&str, &str, &[&str], &str)] = &[
    ("nginx", include_str!("peers/nginx.conf"), &["-e", "stderr", "-p", "@DIR@", "-c", "@CONF@"], "-v"),
    ("haproxy", include_str!("peers/haproxy.cfg"), &["-db", "-q", "-f", "@CONF@"], "-v"),
    ("apache2", include_str!("peers/apache2.conf"), &["-d", "@DIR@", "-f", "@CONF@", "-DFOREGROUND"], "-v"),
];

impl Peer {
    /// wsgate itself, as built.
    pub(crate) fn wsgate(program: PathBuf) -> Self {
        let configuration = include_str!("peers/httpd.conf");
        let arguments = &["serve", "-f", "@CONF@"];
        Self { name: "wsgate", program, configuration, arguments, version: "--version" }
    }

    /// The others that are installed.
    pub(crate) fn installed() -> Vec<Self> {
        let all = KNOWN.iter().filter_map(|&(name, configuration, arguments, version)| {
            let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
            let program =
                folders.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists())?;
            Some(Self { name, program, configuration, arguments, version })
        });
        all.collect()
    }

    /// The line in which it tells its version.
    pub(crate) fn version(&self) -> String {
        let told = Command::new(&self.program).arg(self.version).output();
        let told = told.map(|told| [told.stdout, told.stderr].concat()).unwrap_or_default();
        let told = String::from_utf8_lossy(&told);
        told.lines()
            .find(|line| line.contains(|c: char| c.is_ascii_digit()))
            .unwrap_or_default()
            .trim()
            .to_owned()
    }

    /// Starts it, and waits until it answers.
    pub(crate) fn start(&self, task: &Task<'_>) -> io::Result<Running> {
        let folder = tempfile::Builder::new().prefix("wsgate-bench-").tempdir()?;
        // Workers that give root up have to get in.
        fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let (plain, tls) = (free_port()?, free_port()?);
        let dir = folder.path().display().to_string();
        let conf = format!("{dir}/peer.conf");
        let fill = |text: &str| fill(text, &dir, (plain, tls), task).replace("@CONF@", &conf);
        fs::write(&conf, fill(self.configuration))?;
        let mut command = match task.processor {
            Some(processor) => {
                let mut command = Command::new("taskset");
                command.args(["-c", &processor.to_string()]).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        let log = File::create(folder.path().join("output"))?;
        command.args(self.arguments.iter().map(|argument| fill(argument)));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut running = Running { child: command.spawn()?, plain, tls, folder };
        running.wait_until_it_answers()?;
        Ok(running)
    }
}

fn fill(text: &str, dir: &str, (plain, tls): (SocketAddr, SocketAddr), task: &Task<'_>) -> String {
    let numbers = [
        ("@PORT@", usize::from(plain.port())),
        ("@TLS_PORT@", usize::from(tls.port())),
        ("@WORKERS@", task.workers),
        ("@CONNS@", task.conns + 200),
        // A tunnel is two of nginx's connections, and it closes some when most are in use.
        ("@TWICE@", task.conns * 9 / 4 + 400),
        // Apache has a thread for each tunnel.
        ("@CHILDREN@", (task.conns + 200).div_ceil(1000)),
    ];
    let mut text = text.replace("@DIR@", dir).replace("@BACKEND@", &task.backend.to_string());
    text = text.replace("@KEYS@", &task.keys.display().to_string());
    numbers.iter().fold(text, |text, (name, number)| text.replace(name, &number.to_string()))
}

fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

impl Running {
    /// What measures it; with `perf` in instructions, too.
    pub(crate) fn meter(&self, perf: bool) -> Meter {
        Meter::new(self.child.id(), perf.then(|| self.folder.path().join("perf")))
    }

    fn wait_until_it_answers(&mut self) -> io::Result<()> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                let told = fs::read_to_string(self.folder.path().join("output")).unwrap_or_default();
                return Err(io::Error::other(format!("it ended at once ({status}): {told}")));
            }
            if self.answers().unwrap_or(false) {
                return Ok(());
            }
            if Instant::now() > end {
                return Err(io::Error::other("it does not answer"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn answers(&self) -> io::Result<bool> {
        use std::io::{Read as _, Write as _};
        let mut stream = TcpStream::connect(self.plain)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /http HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(&answer == b"HTTP/1.1 200")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        // If it is through already there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
