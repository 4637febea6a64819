//! The style sheet of the report, for screen and print.

pub(super) const STYLE: &str = "
:root{color-scheme:light;--ink:#1a1a1a;--soft:#595959;--line:#dcdcdc;--blue:#0072b2}
*{box-sizing:border-box}
body{margin:0;background:#fff;color:var(--ink);
font:17px/1.5 'Liberation Sans',Arial,Helvetica,sans-serif}
main{max-width:1000px;margin:0 auto;padding:32px 24px 64px}
.kicker{margin:0 0 8px;color:var(--soft);font-size:14px}
h1{margin:0 0 16px;font-size:32px;line-height:1.2;text-wrap:balance}
h2{margin:48px 0 12px;padding-top:10px;border-top:3px solid var(--ink);font-size:21px}
.answer{margin:0 0 12px;font-size:20px;line-height:1.45}
.scope,caption,small{color:var(--soft);font-size:14px}
figure{margin:0 0 28px;padding:0 0 4px;border-bottom:1px solid var(--line)}
figure svg{display:block;width:106.9%;margin-left:-3.45%;height:auto}
details{margin:4px 0 10px}
summary{cursor:pointer;color:var(--soft);font-size:15px}
figure details p{margin:6px 0;color:var(--soft);font-size:14px}
.scroll{overflow-x:auto;margin-bottom:26px}
table{border-collapse:collapse;width:100%;font-size:15px}
caption{text-align:left;padding-bottom:8px}
th,td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
thead th{border-bottom:1.5px solid var(--ink);font-size:14px}
small{display:block;font-weight:400}
summary small{display:inline}
.numbers td,.numbers thead th:not(:first-child){text-align:right;font-variant-numeric:tabular-nums}
.numbers td:last-child,.numbers th:last-child{padding-right:0}
.numbers tbody th{min-width:190px}
.evidence{font-size:13px}
.evidence code{overflow-wrap:anywhere}
.shocks th{width:24%}.shocks td{width:22%}.shocks .axis{width:54%;padding-right:0}
.axis div{background:#f0f0ee;height:18px}
.axis span{display:block;height:18px;background:#8c8c8c}
.checks{list-style:none;margin:0;padding:0}
.checks li{padding:5px 0;border-bottom:1px solid var(--line);font-size:15px}
.checks b{display:inline-block;width:64px;font-size:13px}
.good b{color:#00755a}.bad b{color:#b34700}.plain b{color:var(--soft)}
pre{overflow-x:auto;padding:12px 14px;background:#f5f5f3;
font:13px/1.45 'Liberation Mono',Menlo,Consolas,monospace}
code{font-family:'Liberation Mono',Menlo,Consolas,monospace}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 18px;font-size:14px}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
a{color:var(--blue)}
@media (max-width:700px){
main{padding:20px 14px 40px}h1{font-size:26px}.answer{font-size:18px}
figure{overflow-x:auto}figure svg{width:900px;margin-left:0}
}
@media print{
@page{margin:16mm}
body{font-size:10.5pt}main{max-width:none;padding:0}
figure,tr{break-inside:avoid}h2{break-after:avoid}
.scroll{overflow:visible}figure details{display:none}pre{white-space:pre-wrap}
}
";
