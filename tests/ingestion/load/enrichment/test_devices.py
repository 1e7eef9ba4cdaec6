import pytest

from ingestion.load.enrichment.devices import device_type

ANDROID = "Mozilla/5.0 (Linux; Android 13; {}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 {}Safari/537.36"


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (ANDROID.format("Pixel 9", "Mobile "), "mobile"),
        (ANDROID.format("SM-S918B", ""), "mobile"),
        (
            "Mozilla/5.0 (Linux; Android 14; SM-S911B Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0"
            " Chrome/125.0 Mobile Safari/537.36 Instagram 330.0 Android (34/14; 480dpi; 1080x2125; samsung; SM-S911B)",
            "mobile",
        ),
        ("UCWEB/2.0 (iOS; U; iPh OS 12_0; en-US; dv(iPh13,1)) U2/1.0.0 UCBrowser/11.3.5.1203", "mobile"),
        ("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950)", "mobile"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.5.25 Version/10.54", "mobile"),
        ("Nokia6120c/3.83; Profile/MIDP-2.0 Configuration/CLDC-1.1", "mobile"),
        ("KDDI-TS3W UP.Browser/6.2_7.2.7.1.K.6.1.102 (GUI) MMP/2.0", "mobile"),
        ("Mozilla/5.0 (PlayStation Vita 3.00) AppleWebKit/536.26 (KHTML, like Gecko) Silk/3.2", "mobile"),
        (ANDROID.format("SM-X910", ""), "tablet"),
        (ANDROID.format("SM-T870", "Mobile "), "tablet"),
        (ANDROID.format("Lenovo TB-X306F", "Mobile "), "tablet"),
        (ANDROID.format("AGS3-W09", "Mobile "), "tablet"),
        (ANDROID.format("whatever", ""), "tablet"),
        (ANDROID.format("BQ-8067L", "Mobile "), "tablet"),
        (ANDROID.format("BQ-5514G", "Mobile "), "mobile"),
        ("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; ARM; Trident/6.0; Touch)", "tablet"),
        (
            "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1",
            "tablet",
        ),
        (
            "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 Silk/120.1 like Chrome/120.0 Safari/537.36",
            "tablet",
        ),
        ("Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0; Tablet PC 2.0)", "desktop"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0", "desktop"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", "desktop"),
        (ANDROID.format("HP Chromebook x2", ""), "desktop"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_5) AppleWebKit/537.36 PlutoTV/0.2.0 Chrome/49.0 Safari/537.36",
            "desktop",
        ),
        (ANDROID.format("BRAVIA 4K VH2", ""), "tv"),
        (ANDROID.format("43F750TS Build/RP1A.200720.011; wv", "Mobile "), "tv"),
        (ANDROID.format("ECON Shell LC390TA2A", ""), "tv"),
        (ANDROID.format("Sharp Aquos S2", "Mobile "), "mobile"),
        ("Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0 Safari/537.36", "tv"),
        (
            "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/79.0 Safari/537.36 WebAppManager LG webOS.TV-2021",
            "tv",
        ),
        ("Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0 TV Safari/537.36", "tv"),
        ("Mozilla/5.0 (Linux; Tizen 2.3) AppleWebKit/538.1 (KHTML, like Gecko) Version/2.3 TV Safari/538.1", "tv"),
        ("Roku/DVP-12.0 (12.0.0.4182-88)", "tv"),
        ("Roku4640X/DVP-7.70 (297.70E04154A)", "tv"),
        ("AppleTV11,1/16.1", "tv"),
        ("AppleCoreMedia/1.0.0.20K80 (Apple TV; U; CPU OS 16_1_1 like Mac OS X; en_us)", "tv"),
        ("Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 Chrome/90.0 Safari/537.36 CrKey/1.54.250320", "tv"),
        (ANDROID.format("AFTKA Build/PS7633", ""), "tv"),
        (ANDROID.format("AFTMM Build/NS6265; wv", "Mobile "), "tv"),
        (ANDROID.format("SHIELD Android TV", "Mobile "), "tv"),
        ("HbbTV/1.5.1 (+DRM;Samsung;SmartTV2021;T-NKMAKUC) Chrome/76", "tv"),
        ("Mozilla/5.0 (PlayStation 5 3.00) AppleWebKit/605.1.15 (KHTML, like Gecko)", "tv"),
        ("nothing known", None),
        ("curl/8.5.0", None),
        ("", None),
    ],
)
def test_a_device_is_what_its_user_agent_says(agent, kind):
    assert device_type(agent) == kind
