//! Names and links of this installation, from the configuration.

use tongban_webkit::{Site, Worded};

use crate::config::Config;

pub(crate) fn site(config: &Config) -> Site {
    let mut site = Site {
        name: Worded::new(&config.site_name, ""),
        host: Worded::new(&config.site_organ, ""),
        hotline: config.hotline.clone(),
        demo: config.demo,
        ..Site::default()
    };
    if config.demo {
        site.name = Worded::new("云州市政务服务网", "Yunzhou Government Services");
        site.tagline = Worded::new("一网通办 · 高效办成一件事", "One network for every service");
        site.region = Worded::new("云州市本级", "Yunzhou City");
        site.host = Worded::new(
            "云州市人民政府办公室（虚构）",
            "Yunzhou City Government (fictional)",
        );
        site.hotline_hours = Worded::new(
            "7×24 小时（演示，号码不接通）",
            "Around the clock (demonstration)",
        );
        site.hall = vec![
            Worded::new(
                "云州市政务服务中心：云州市人民路1号（演示地址）",
                "Service centre: 1 Renmin Road (fictional)",
            ),
            Worded::new("工作日 9:00–17:00", "Working days 9:00–17:00"),
        ];
        site.undertaker = Worded::new("云州市数据局（虚构）", "Yunzhou Data Bureau (fictional)");
    }
    site
}
