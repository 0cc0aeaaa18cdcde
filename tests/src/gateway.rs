//! A configuration, and the gateway that runs it.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::{Backend, Raw, WebSocket, address, soon, wsgate};

/// A configuration in a folder of its own, with one address to listen on.
pub struct Configuration {
    folder: TempDir,
    /// What every version of it begins with.
    start: String,
    text: String,
    address: SocketAddr,
    descriptors: Option<u32>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self::new()
    }
}

impl Configuration {
    /// One that listens and serves nothing.
    #[must_use]
    pub fn new() -> Self {
        let address = address::own();
        let text = format!("ServerName localhost\nListen {address}\n");
        Self { folder: tempfile::tempdir().unwrap(), start: text.clone(), text, address, descriptors: None }
    }

    /// Adds lines.
    #[must_use]
    pub fn with(mut self, lines: &str) -> Self {
        self.text += lines;
        self.text += "\n";
        self
    }

    /// Tunnels a path to a backend.
    #[must_use]
    pub fn tunnelling(mut self, path: &str, backend: &Backend) -> Self {
        _ = writeln!(self.text, "ProxyPass {path} ws://{backend}{path}");
        self
    }

    /// Adds a file beside the configuration.
    #[must_use]
    pub fn file(self, name: &str, text: &str) -> Self {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Lets the gateway have so many descriptors only.
    #[must_use]
    pub fn descriptors(mut self, most: u32) -> Self {
        self.descriptors = Some(most);
        self
    }

    /// Where a file beside the configuration lies.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Checks it, with further arguments.
    pub async fn check(&self, arguments: &[&str]) -> Output {
        self.run(&["check"], arguments).await
    }

    /// Serves it.
    pub async fn serve(self) -> Gateway {
        let file = self.write();
        let mut command = match self.descriptors {
            None => Command::new(wsgate()),
            Some(most) => {
                let mut shell = Command::new("/bin/sh");
                shell.arg("-c").arg(format!("ulimit -n {most}; exec \"$@\"")).arg("sh").arg(wsgate());
                shell
            }
        };
        command.arg("serve").arg("-f").arg(file);
        Gateway::start(command, self.address, Some((self.folder, self.start))).await
    }

    /// Runs the program as httpd is run, with its options behind `-f`.
    pub async fn httpd(&self, options: &[&str]) -> Output {
        self.run(&[], options).await
    }

    async fn run(&self, command: &[&str], options: &[&str]) -> Output {
        let mut program = Command::new(wsgate());
        program.args(command).arg("-f").arg(self.write()).args(options).stdin(Stdio::null());
        soon("the program", program.output()).await.unwrap()
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn write(&self) -> PathBuf {
        let file = self.folder.path().join("httpd.conf");
        fs::write(&file, &self.text).unwrap();
        file
    }
}

/// A running gateway; it is killed when it is dropped.
pub struct Gateway {
    child: Child,
    address: SocketAddr,
    said: Said,
    /// The configuration's folder, and what it begins with.
    home: Option<(TempDir, String)>,
    reloads: usize,
}

impl Gateway {
    /// Runs the demo.
    pub async fn demo() -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(wsgate());
        command.args(["demo", "--port", &free.port().to_string()]);
        Self::start(command, free, None).await
    }

    async fn start(mut command: Command, address: SocketAddr, home: Option<(TempDir, String)>) -> Self {
        command.env("RUST_LOG", "info").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let said = Said::default();
        tokio::spawn(said.clone().listen(child.stderr.take().expect("it is a pipe")));
        let up = async {
            while TcpStream::connect(address).await.is_err() {
                if let Some(status) = child.try_wait().unwrap() {
                    panic!("the gateway does not start ({status}):\n{}", said.text());
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        soon("the gateway to listen", up).await;
        Self { child, address, said, home, reloads: 0 }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Connects to it.
    pub async fn connect(&self) -> Raw {
        Raw::connect(self.address).await
    }

    /// Opens a WebSocket through it.
    pub async fn websocket(&self, path: &str) -> WebSocket<TcpStream> {
        let stream = soon("a connection", TcpStream::connect(self.address)).await.unwrap();
        WebSocket::open(stream, "localhost", path).await
    }

    /// Connects to it by TLS, and names a server.
    pub async fn tls(
        &self,
        connector: &TlsConnector,
        name: &'static str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = soon("a connection", TcpStream::connect(self.address)).await?;
        let name = name.try_into().expect("a name that TLS can carry");
        soon("a TLS handshake", connector.connect(name, stream)).await
    }

    /// Waits for a line of its log that contains a text.
    pub async fn says(&self, text: &str) -> String {
        let line = self.said.line(text);
        match tokio::time::timeout(crate::PATIENCE, line).await {
            Ok(line) => line,
            Err(_) => panic!("no line says {text:?} in:\n{}", self.said.text()),
        }
    }

    /// Gives it other lines behind those that it began with, has it load them, and waits until it says what came of that.
    pub async fn reload(&mut self, lines: &str) {
        let (folder, start) = self.home.as_ref().expect("a configuration of its own");
        fs::write(folder.path().join("httpd.conf"), format!("{start}{lines}\n")).unwrap();
        self.reloads += 1;
        self.signal(Signal::SIGUSR1);
        let told = self.said.lines(&["was loaded anew", "stays as it was"], self.reloads);
        soon("the reload", told).await;
    }

    /// How much memory it has, in KiB.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.status("VmRSS:")
    }

    /// The most memory that it ever had, in KiB.
    #[must_use]
    pub fn most_memory(&self) -> usize {
        self.status("VmHWM:")
    }

    fn status(&self, figure: &str) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(figure)).expect("Linux tells it");
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(i32::try_from(self.id()).unwrap()), signal).unwrap();
    }

    /// Waits for its end.
    pub async fn ends(mut self) -> ExitStatus {
        soon("the gateway to end", self.child.wait()).await.unwrap()
    }

    /// How many descriptors it has open.
    #[must_use]
    pub fn open_descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap().count()
    }

    fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }
}

/// What a gateway has written to standard error.
#[derive(Clone, Default)]
struct Said {
    text: Arc<Mutex<String>>,
    more: Arc<Notify>,
}

impl Said {
    async fn listen(self, stderr: ChildStderr) {
        let mut lines = BufReader::new(stderr).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
            *text += &line;
            *text += "\n";
            drop(text);
            self.more.notify_waiters();
        }
    }

    fn text(&self) -> String {
        self.text.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn line(&self, wanted: &str) -> String {
        self.lines(&[wanted], 1).await
    }

    /// The line that is the so-manieth to contain any of these texts.
    async fn lines(&self, wanted: &[&str], number: usize) -> String {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            // What comes between the look and the wait must not be missed.
            more.as_mut().enable();
            let fits = |line: &&str| wanted.iter().any(|wanted| line.contains(wanted));
            if let Some(line) = self.text().lines().filter(fits).nth(number - 1) {
                return line.to_owned();
            }
            more.await;
        }
    }
}
