//! A private PostgreSQL in a temporary folder, on a Unix socket and a free port, gone when dropped.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A running private server.
pub(crate) struct Server {
    folder: PathBuf,
    bin: PathBuf,
    port: u16,
    /// PostgreSQL refuses to run as root; then it runs as this user.
    user: Option<&'static str>,
}

impl Server {
    pub(crate) fn start() -> Result<Self, String> {
        let bin = find_bin()?;
        let folder = std::env::temp_dir().join(format!("tongban-pg-{}", std::process::id()));
        let root = run(Command::new("id").arg("-u"))?
            .stdout
            .starts_with(b"0\n");
        let port = free_port()?;
        let server = Self {
            folder,
            bin,
            port,
            user: root.then_some("postgres"),
        };
        std::fs::create_dir_all(&server.folder).map_err(|error| error.to_string())?;
        if root {
            run(Command::new("chown").arg("postgres").arg(&server.folder))?;
        }
        let data = server.folder.join("data");
        server.run(
            "initdb",
            &[
                s("-D"),
                data.clone().into(),
                s("-U"),
                s("tongban"),
                s("-A"),
                s("trust"),
                s("-E"),
                s("UTF8"),
                s("--no-sync"),
                s("--locale=C"),
            ],
        )?;
        // Tests want the real locking and SQL, not the real disk.
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400",
            server.folder.display()
        );
        server.run(
            "pg_ctl",
            &[
                s("-D"),
                data.into(),
                s("-w"),
                s("-l"),
                server.folder.join("log").into(),
                s("-o"),
                options.into(),
                s("start"),
            ],
        )?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://tongban@127.0.0.1:{}/postgres", self.port)
    }

    fn run(&self, tool: &str, args: &[OsString]) -> Result<Output, String> {
        let path = self.bin.join(tool);
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        run(command.args(args).current_dir("/"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let _ = self.run(
            "pg_ctl",
            &[s("-D"), data.into(), s("-m"), s("immediate"), s("stop")],
        );
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn s(text: &str) -> OsString {
    text.into()
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port())
}

/// Debian keeps the servers under /usr/lib/postgresql/<version>/bin.
fn find_bin() -> Result<PathBuf, String> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().or_else(|| on_path("initdb")).ok_or_else(|| {
        "PostgreSQL is not installed, and half of the tests run on it: apt-get install -y postgresql".to_owned()
    })
}

fn on_path(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder: &PathBuf| Path::new(folder).join(tool).exists())
}

fn run(command: &mut Command) -> Result<Output, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(format!(
            "{command:?} failed: {}",
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}
