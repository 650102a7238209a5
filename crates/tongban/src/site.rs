//! Names and links of this installation, from the configuration.

use tongban_webkit::{Site, Worded};

use crate::config::Config;

pub(crate) fn site(config: &Config) -> Site {
    let mut site = Site::default();
    site.name = Worded::new(&config.site_name, "");
    site.host = Worded::new(&config.site_organ, "");
    site.hotline.clone_from(&config.hotline);
    site.demo = config.demo;
    if config.demo {
        site.name = Worded::new("云州市政务服务网", "Yunzhou Government Services");
        site.tagline = Worded::new("一网通办 · 高效办成一件事", "One network for every service");
        site.region = Worded::new("云州市本级", "Yunzhou City");
        site.host = Worded::new(
            "云州市人民政府办公室（虚构）",
            "Yunzhou City Government (fictional)",
        );
        site.undertaker = Worded::new("云州市数据局（虚构）", "Yunzhou Data Bureau (fictional)");
    }
    site
}
