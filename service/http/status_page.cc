#include "service/http/status_page.h"

namespace harvest::http {

std::string status_page(bool ready) {
  std::string page = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>harvestd</title>
</head>
<body>
<main>
<h1>harvestd</h1>
<p>This service is <strong>)";
  page += ready ? "ready" : "not ready";
  page += R"(</strong> (<a href="/readyz">why</a>).</p>
<ul>
<li><a href="/v1/datasets">Datasets</a>: manifests and shards, as JSON</li>
<li><a href="/metrics">Metrics</a>, in Prometheus' text format</li>
</ul>
<p>Pull a dataset with <code>harvestctl datasets pull NAME --out DIR</code>, or read
<code>/v1/datasets/NAME/urls.txt</code> with any HTTP client.</p>
</main>
</body>
</html>
)";
  return page;
}

}  // namespace harvest::http
