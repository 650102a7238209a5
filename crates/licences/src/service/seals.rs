//! Whose key signs: the seal keys of the organs.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use tongban_kernel::{Clock, Error, Result};
use tongban_seal::{
    Certificate, CertificateProfile, CertificateSpec, DistinguishedName, SealError, Signer,
    Sm2SigningKey, SoftwareSigner, issue, self_signed,
};
use tongban_storage::Ids;

/// Where seal keys come from: a signing server or module (GB/T 39786) in production.
pub trait SealSource: Send + Sync {
    /// The signer of the organ with this USCC. May block on I/O; called on a blocking thread.
    fn signer(&self, organ_code: &str, organ_name: &str) -> Result<Arc<dyn Signer>>;
    /// The roots to which certificates of organs must lead, those of former years included. May block on I/O.
    fn anchors(&self) -> Result<Vec<Certificate>>;
}

/// The part that the binary wires.
#[derive(Clone)]
pub struct SealKeys(Arc<dyn SealSource>);

impl SealKeys {
    pub fn new(source: impl SealSource + 'static) -> Self {
        Self(Arc::new(source))
    }
    /// The roots; may block on I/O.
    pub fn anchors(&self) -> Result<Vec<Certificate>> {
        self.0.anchors()
    }
    /// The signer of an organ, fetched on a blocking thread.
    pub async fn signer(&self, organ_code: &str, organ_name: &str) -> Result<Arc<dyn Signer>> {
        let (source, code, name) = (
            Arc::clone(&self.0),
            organ_code.to_owned(),
            organ_name.to_owned(),
        );
        tokio::task::spawn_blocking(move || source.signer(&code, &name))
            .await
            .map_err(|_| Error::internal("the source of seal keys panicked"))?
    }
}

/// Seal keys in files of a folder, made at first use and certified by a root of this site's own: for tests, demonstrations
/// and small sites. The keys lie unencrypted (PKCS #8, mode 0600), and seals of this root have no legal effect: that needs
/// certificates of a licensed CA (电子签名法 第十六条) and keys in a certified module.
///
/// One file per key pair, written whole and named last, so that two processes end up with the same key.
pub struct SoftwareSeals {
    folder: PathBuf,
    ids: Ids,
    clock: Arc<dyn Clock>,
    signers: Mutex<HashMap<String, Arc<SoftwareSigner>>>,
}

const ROOT: &str = "root";
const ROOT_YEARS: i64 = 20;
const ORGAN_YEARS: i64 = 5;
/// A certificate is not used in its last month, a root not in the lifetime of what it would certify.
const MARGIN: SignedDuration = SignedDuration::from_hours(31 * 24);
const ROOT_MARGIN: SignedDuration = SignedDuration::from_hours((ORGAN_YEARS * 366 + 31) * 24);
/// Clocks of several nodes may differ by this much.
const CLOCKS: SignedDuration = SignedDuration::from_hours(24);
/// Most pairs that one name gets in the life of an installation.
const GENERATIONS_MAX: u32 = 1_000;

fn failed(doing: &str, source: io::Error) -> Error {
    Error::unavailable(format!("seal keys, {doing}: {source}")).source(source)
}

fn broken(source: SealError) -> Error {
    Error::internal("seal key or certificate").source(source)
}

const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";

/// Reads a pair: the PEM of the key, and the certificate behind it.
fn read(path: &Path) -> Result<Option<(String, Certificate)>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed("read", source)),
    };
    let (key, certificate) = text
        .split_once(CERTIFICATE)
        .ok_or_else(|| Error::internal("seal key file without certificate"))?;
    let certificate =
        Certificate::from_pem(&format!("{CERTIFICATE}{certificate}")).map_err(broken)?;
    Ok(Some((key.to_owned(), certificate)))
}

impl SoftwareSeals {
    /// Opens or creates the folder.
    pub fn open(folder: &Path, ids: Ids, clock: Arc<dyn Clock>) -> Result<Self> {
        fs::create_dir_all(folder).map_err(|source| failed("create folder", source))?;
        Ok(Self {
            folder: folder.to_owned(),
            ids,
            clock,
            signers: Mutex::default(),
        })
    }

    /// `root.pem`, `root.2.pem`, `root.3.pem` …: a new one when the last runs out.
    fn path(&self, name: &str, generation: u32) -> PathBuf {
        self.folder.join(match generation {
            1 => format!("{name}.pem"),
            n => format!("{name}.{n}.pem"),
        })
    }

    fn lasts(&self, certificate: &Certificate, margin: SignedDuration) -> bool {
        let until = self.clock.now().checked_add(margin);
        until.is_ok_and(|until| certificate.not_after() > until)
    }

    /// The pair `name` that still lasts for `margin`, made by `make` if there is none.
    fn pair(
        &self,
        name: &str,
        margin: SignedDuration,
        make: impl Fn(&Sm2SigningKey) -> Result<Certificate>,
    ) -> Result<(Sm2SigningKey, Certificate)> {
        for generation in 1..=GENERATIONS_MAX {
            let path = self.path(name, generation);
            if let Some((key, certificate)) = read(&path)? {
                if self.lasts(&certificate, margin) {
                    return Ok((
                        Sm2SigningKey::from_pkcs8_pem(&key).map_err(broken)?,
                        certificate,
                    ));
                }
                continue;
            }
            let key = self.new_key()?;
            let certificate = make(&key)?;
            if self.keep(&path, &key, &certificate)? {
                return Ok((key, certificate));
            }
            // Another process was first: its pair is the one.
            let (key, certificate) =
                read(&path)?.ok_or_else(|| Error::internal("seal key file vanished"))?;
            return Ok((
                Sm2SigningKey::from_pkcs8_pem(&key).map_err(broken)?,
                certificate,
            ));
        }
        Err(Error::internal("too many seal keys for one name"))
    }

    /// Writes a pair beside and then names it; `false` if the name is taken.
    fn keep(&self, path: &Path, key: &Sm2SigningKey, certificate: &Certificate) -> Result<bool> {
        let text = key.to_pkcs8_pem().map_err(broken)? + &certificate.to_pem();
        let beside = self.folder.join(format!("{}.new", self.ids.token()));
        write_private(&beside, &text).map_err(|source| failed("write", source))?;
        // A hard link does not replace what is there.
        let linked = fs::hard_link(&beside, path);
        let _ = fs::remove_file(&beside);
        match linked {
            Ok(()) => Ok(true),
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(source) => Err(failed("name", source)),
        }
    }

    fn new_key(&self) -> Result<Sm2SigningKey> {
        // One draw in 2^32 is out of range; three in a row is a broken generator.
        (0..3)
            .find_map(|_| Sm2SigningKey::from_random(&self.ids.bytes()).ok())
            .ok_or_else(|| Error::internal("random numbers cannot be keys"))
    }

    fn spec(
        &self,
        subject: DistinguishedName,
        years: i64,
        profile: CertificateProfile,
    ) -> Result<CertificateSpec> {
        let now = self.clock.now();
        let end = now
            .to_zoned(TimeZone::UTC)
            .checked_add(years.years())
            .map_err(|source| Error::internal("certificate dates").source(source))?;
        let not_before = now
            .checked_sub(CLOCKS)
            .map_err(|source| Error::internal("certificate dates").source(source))?;
        Ok(CertificateSpec {
            subject,
            serial: self.ids.bytes(),
            not_before,
            not_after: end.timestamp(),
            profile,
        })
    }

    fn root(&self) -> Result<SoftwareSigner> {
        let subject = DistinguishedName {
            country: "CN".to_owned(),
            common_name: "本站电子印章根证书（非法定 CA）".to_owned(),
            ..DistinguishedName::default()
        };
        let profile = CertificateProfile::Authority { path_length: 0 };
        let spec = self.spec(subject, ROOT_YEARS, profile)?;
        let make = |key: &Sm2SigningKey| self_signed(&spec, key).map_err(broken);
        let (key, certificate) = self.pair(ROOT, ROOT_MARGIN, make)?;
        SoftwareSigner::new(key, certificate, Vec::new()).map_err(broken)
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

impl SealSource for SoftwareSeals {
    fn signer(&self, organ_code: &str, organ_name: &str) -> Result<Arc<dyn Signer>> {
        let sound = organ_code.len() == 18 && organ_code.bytes().all(|b| b.is_ascii_alphanumeric());
        if !sound {
            return Err(Error::internal("organ code of a seal key is not a USCC"));
        }
        let mut signers = self.signers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = signers.get(organ_code)
            && self.lasts(found.certificate(), MARGIN)
        {
            return Ok(Arc::clone(found) as Arc<dyn Signer>);
        }
        let root = self.root()?;
        let subject = DistinguishedName {
            country: "CN".to_owned(),
            organization: organ_name.to_owned(),
            common_name: organ_name.to_owned(),
            serial: organ_code.to_owned(),
            ..DistinguishedName::default()
        };
        let spec = self.spec(subject, ORGAN_YEARS, CertificateProfile::OrganSeal)?;
        let (key, certificate) = self.pair(organ_code, MARGIN, |key| {
            issue(&spec, &key.verifying_key(), &root).map_err(broken)
        })?;
        let chain = vec![root.certificate().clone()];
        let signer = Arc::new(SoftwareSigner::new(key, certificate, chain).map_err(broken)?);
        signers.insert(organ_code.to_owned(), Arc::clone(&signer));
        Ok(signer)
    }

    fn anchors(&self) -> Result<Vec<Certificate>> {
        let mut roots = Vec::new();
        for generation in 1..=GENERATIONS_MAX {
            match read(&self.path(ROOT, generation))? {
                Some((_, certificate)) => roots.push(certificate),
                None => break,
            }
        }
        Ok(roots)
    }
}
