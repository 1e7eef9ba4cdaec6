"""Origins are compared as browsers write them. What a browser writes: the URL standard's serialisation of an origin."""

import pytest

from runtime.origins import normal_origin


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://Shop.Example", "https://shop.example"),
        ("HTTPS://SHOP.EXAMPLE", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:0443", "https://shop.example"),
        ("https://shop.example:", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("https://shop.example:80", "https://shop.example:80"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
        ("https://MÜNCHEN.example:443", "https://xn--mnchen-3ya.example"),
        ("https://XN--MNCHEN-3YA.example", "https://xn--mnchen-3ya.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("https://例え.テスト:8443", "https://xn--r8jz45g.xn--zckzah:8443"),
        ("https://my_shop.münchen.example", "https://my_shop.xn--mnchen-3ya.example"),
        ("https://ｓｈｏｐ．example", "https://shop.example"),
        ("http://[2001:DB8::0:5]:80", "http://[2001:db8::5]"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("https://shop.example.", "https://shop.example."),
        ("https://-a-.my_shop.example", "https://-a-.my_shop.example"),
        ("https://xn--n3h.example", "https://xn--n3h.example"),
        ("https://4shop.4example", "https://4shop.4example"),
        (f"https://{'a' * 63}.example", f"https://{'a' * 63}.example"),
    ],
)
def test_an_origin_is_written_as_a_browser_writes_it(written, normal):
    assert normal_origin(written) == normal
    assert normal_origin(normal) == normal


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "null",
            "shop.example",
            "https://",
            "https://shop.example/",
            "https://shop.example/path",
            "//shop.example",
        ),
        *("https://shop.example?x", "https://shop.example#x", "https://user@shop.example", "ftp://shop.example"),
        *(" https://shop.example", "https://shop.example ", "https://shop example", "https://shop.example:99999"),
        *("https://shop.example:port", "http://[::1", "http://[nothing]", "https://a,https://b", "https://*.example"),
        *("https://shop.\nexample", "https://sh\top.example", "javascript:alert(1)", "https://shop.example\\@evil"),
        *("https://.", "https://..", "https://a..example", "https://.example", "https://-", "https://a.-.example"),
        *("https://_", "https://shop.example:0", "https://1.2.3", "https://256.1.1.1", "https://1.2.3.4.5"),
        *("https://0x7f.1", "https://127.1", "https://01.2.3.4", "https://shop.4", "http://[fe80::1%25eth0]"),
        *("http://[fe80::1%eth0]", "https://xn--.example", "https://xn--a.example", "https://xn--shop-.example"),
        *(
            f"https://{'a' * 64}.example",
            f"https://{'a.' * 127}example",
            "https://shop\x1b.example",
            "https://s\u202eb.example",
        ),
        *(
            "https://shop.example\u2028",
            "https://\u200b",
            "data:text/html,x",
            "about:blank",
            "file://",
            "https:shop.example",
        ),
        *("https://shop%2eexample", "https://shop.example,https://b.example", "https://[shop.example]"),
    ],
)
def test_what_no_page_can_have_is_none(written):
    assert normal_origin(written) is None
