#include "service/config/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "storage/corpus/atomic_file.h"

namespace harvest::config {
namespace {

constexpr size_t kPemBytesMax = 1 << 20;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

absl::StatusOr<std::string> read_pem(const std::string& field, const std::string& path) {
  auto text = corpus::read_file(path, kPemBytesMax);
  if (text.ok()) return text;
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": ", path, " cannot be read (", text.status().message(), "), expected a PEM file"));
}

Bio source(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free_all};
}

Certificate first_certificate(const std::string& pem) {
  const Bio bio = source(pem);
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return certificate;
}

/// One with a password is refused, rather than asked for at a terminal that nobody sits at.
int no_password(char*, int, int, void*) {
  return 0;
}

Key private_key(const std::string& pem) {
  const Bio bio = source(pem);
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  return key;
}

}  // namespace

absl::StatusOr<std::optional<access::TlsMaterial>> read_tls(const std::string& field, const v1::Tls& tls) {
  if (tls.certificate().empty()) return std::nullopt;
  access::TlsMaterial material;
  struct File {
    const char* name;
    const std::string& path;
    std::string& text;
  };
  for (const File& file :
       {File{".certificate", tls.certificate(), material.certificate}, File{".key", tls.key(), material.key},
        File{".client_ca", tls.client_ca(), material.client_ca}}) {
    if (file.path.empty()) continue;
    auto text = read_pem(field + file.name, file.path);
    if (!text.ok()) return text.status();
    file.text = *std::move(text);
  }
  const auto wrong = [&field](const char* name, const std::string& path, const char* expected) {
    return absl::InvalidArgumentError(
        absl::StrCat(field, name, ": ", path, ": found something else, expected ", expected));
  };
  const Certificate certificate = first_certificate(material.certificate);
  if (certificate == nullptr) return wrong(".certificate", tls.certificate(), "a PEM certificate");
  const Key key = private_key(material.key);
  if (key == nullptr) return wrong(".key", tls.key(), "a PEM private key without a password");
  const bool matches = X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!matches) return wrong(".key", tls.key(), "the private key of the certificate");
  if (!tls.client_ca().empty() && first_certificate(material.client_ca) == nullptr)
    return wrong(".client_ca", tls.client_ca(), "the PEM certificate of a CA");
  return material;
}

}  // namespace harvest::config
