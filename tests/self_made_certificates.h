#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace harvest {

/// A CA of the test's own, and who has a certificate of it, as PEM files in a folder that goes with it. The openssl
/// program makes them; made() is false where it cannot.
class SelfMadeCertificates {
 public:
  SelfMadeCertificates() {
    char name[] = "/tmp/harvest-certificates-XXXXXX";
    folder_ = ::mkdtemp(name);
    made_ = run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-ca -keyout " +
                path("ca.key") + " -out " + path("ca.pem")) &&
            sign("server", "subjectAltName=DNS:localhost,IP:127.0.0.1") && sign("client", "subjectAltName=DNS:client");
  }
  ~SelfMadeCertificates() { std::filesystem::remove_all(folder_); }
  SelfMadeCertificates(const SelfMadeCertificates&) = delete;
  SelfMadeCertificates& operator=(const SelfMadeCertificates&) = delete;

  bool made() const { return made_; }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string text(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

 private:
  static bool run(const std::string& arguments) {
    return std::system(("openssl " + arguments + " >/dev/null 2>&1").c_str()) == 0;
  }
  bool sign(const std::string& name, const std::string& extension) const {
    std::ofstream(path(name + ".ext")) << extension << "\n";
    return run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " +
               path(name + ".key") + " -out " + path(name + ".csr")) &&
           run("x509 -req -days 2 -in " + path(name + ".csr") + " -CA " + path("ca.pem") + " -CAkey " + path("ca.key") +
               " -CAcreateserial -extfile " + path(name + ".ext") + " -out " + path(name + ".pem"));
  }

  std::string folder_;
  bool made_ = false;
};

}  // namespace harvest
