# 只写转换不准确、经人工审校的条目。
log-in = 登入
log-out = 登出
footer-sitemap = 網站地圖
err-login = 去登入
