//! Whose key signs: the seal keys of the organs.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::ToSpan;
use jiff::tz::TimeZone;
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
    /// The roots to which certificates of organs must lead.
    fn anchors(&self) -> Result<Vec<Certificate>>;
}

/// The part that the binary wires.
#[derive(Clone)]
pub struct SealKeys(Arc<dyn SealSource>);

impl SealKeys {
    pub fn new(source: impl SealSource + 'static) -> Self {
        Self(Arc::new(source))
    }
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

fn failed(doing: &str, source: io::Error) -> Error {
    Error::unavailable(format!("seal keys, {doing}: {source}")).source(source)
}

fn broken(source: SealError) -> Error {
    Error::internal("seal key or certificate").source(source)
}

/// Reads `name`: the key and the certificate, one PEM after the other.
fn read(path: &Path) -> Result<Option<(Sm2SigningKey, Certificate)>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed("read", source)),
    };
    let (key, certificate) = text
        .split_once("-----BEGIN CERTIFICATE-----")
        .ok_or_else(|| Error::internal("seal key file without certificate"))?;
    let certificate = format!("-----BEGIN CERTIFICATE-----{certificate}");
    Ok(Some((
        Sm2SigningKey::from_pkcs8_pem(key).map_err(broken)?,
        Certificate::from_pem(&certificate).map_err(broken)?,
    )))
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

    /// The pair `name`, made by `make` if there is none yet.
    fn pair(
        &self,
        name: &str,
        make: impl FnOnce(&Sm2SigningKey) -> Result<Certificate>,
    ) -> Result<(Sm2SigningKey, Certificate)> {
        let path = self.folder.join(format!("{name}.pem"));
        if let Some(found) = read(&path)? {
            return Ok(found);
        }
        let key = self.new_key()?;
        let certificate = make(&key)?;
        let text = key.to_pkcs8_pem().map_err(broken)? + &certificate.to_pem();
        let beside = self.folder.join(format!("{}.new", self.ids.token()));
        write_private(&beside, &text).map_err(|source| failed("write", source))?;
        // A hard link does not replace: if another process was first, its pair is the one.
        let linked = fs::hard_link(&beside, &path);
        let _ = fs::remove_file(&beside);
        match linked {
            Ok(()) => Ok((key, certificate)),
            Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
                read(&path)?.ok_or_else(|| Error::internal("seal key file vanished"))
            }
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
        Ok(CertificateSpec {
            subject,
            serial: self.ids.bytes(),
            not_before: now,
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
        let spec = self.spec(subject, 20, profile)?;
        let (key, certificate) = self.pair(ROOT, |key| self_signed(&spec, key).map_err(broken))?;
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
        if let Some(found) = signers.get(organ_code) {
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
        let spec = self.spec(subject, 5, CertificateProfile::OrganSeal)?;
        let (key, certificate) = self.pair(organ_code, |key| {
            issue(&spec, &key.verifying_key(), &root).map_err(broken)
        })?;
        let chain = vec![root.certificate().clone()];
        let signer = Arc::new(SoftwareSigner::new(key, certificate, chain).map_err(broken)?);
        signers.insert(organ_code.to_owned(), Arc::clone(&signer));
        Ok(signer)
    }

    fn anchors(&self) -> Result<Vec<Certificate>> {
        Ok(vec![self.root()?.certificate().clone()])
    }
}
