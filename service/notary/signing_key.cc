#include "service/notary/signing_key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "service/config/secret.h"
#include "storage/corpus/file_descriptor.h"
#include "storage/proof/note.h"

namespace harvest::notary {
namespace {

absl::Status at_field(absl::string_view field, const absl::Status& why) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", why.message()));
}

absl::StatusOr<v1::Secret> place_of_key(const v1::SigningKey& key) {
  v1::Secret place;
  place.set_env(key.env());
  place.set_file(key.file());
  const int places = !key.env().empty() + !key.file().empty() + !key.credential().empty();
  if (places != 1)
    return absl::InvalidArgumentError(
        absl::StrCat("found ", places, " places of a key, expected file, env or credential"));
  if (key.credential().empty()) return place;
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr)
    return absl::InvalidArgumentError("expected $CREDENTIALS_DIRECTORY, which systemd sets with LoadCredential=");
  if (key.credential().find('/') != std::string::npos)
    return absl::InvalidArgumentError("credential: expected a name without a slash");
  place.set_file(absl::StrCat(directory, "/", key.credential()));
  return place;
}

absl::StatusOr<proof::SignerKey> read_key(const v1::SigningKey& stated, const std::string& name) {
  const auto place = place_of_key(stated);
  if (!place.ok()) return place.status();
  auto text = config::resolve_secret(*place);
  if (!text.ok()) return text.status();
  auto key = proof::SignerKey::parse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!key.ok()) return key.status();
  if (key->verifier().name != name || key->verifier().type != proof::KeyType::kEd25519)
    return absl::InvalidArgumentError(absl::StrCat("found a key of ", key->verifier().name, ", expected one of ", name,
                                                   " that signs notes (type 1)"));
  return key;
}

absl::Status cannot_write(const std::string& path) {
  return absl::ResourceExhaustedError(
      absl::StrCat("the log's key ", path, " cannot be written: ", std::strerror(errno)));
}

/// Whole or not there: a key that signed once must not be lost to a crash.
absl::Status write_key(const std::string& path, const proof::SignerKey& key) {
  const std::string aside = path + ".new";
  std::string text = key.text() + "\n";
  ::unlink(aside.c_str());  // of a start that was cut off
  const corpus::FileDescriptor file(::open(aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  const bool written = file.open() &&
                       ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file.get()) == 0 && ::rename(aside.c_str(), path.c_str()) == 0;
  OPENSSL_cleanse(text.data(), text.size());
  if (!written) return cannot_write(path);
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const corpus::FileDescriptor directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.open() || ::fsync(directory.get()) != 0) return cannot_write(path);
  return absl::OkStatus();
}

absl::StatusOr<proof::SignerKey> own_key(const std::string& path, const std::string& name) {
  if (!std::filesystem::exists(path)) {
    auto seed = proof::Seed::random();
    if (!seed.ok()) return seed.status();
    if (absl::Status made = write_key(path, proof::SignerKey(name, proof::KeyType::kEd25519, *seed)); !made.ok())
      return made;
  }
  v1::SigningKey kept;
  kept.set_file(path);
  return read_key(kept, name);
}

}  // namespace

absl::StatusOr<std::vector<proof::SignerKey>> signing_keys(const v1::LogOptions& options, const std::string& data_dir) {
  const std::string name = options.name().empty() ? kDefaultLogName : options.name();
  if (!proof::is_key_name(name))
    return absl::InvalidArgumentError("log.name: expected a name without spaces and plus signs");
  auto first = options.has_key() ? read_key(options.key(), name) : own_key(data_dir + "/log-key", name);
  if (!first.ok()) return at_field("log.key", first.status());
  std::vector<proof::SignerKey> keys{*std::move(first)};
  for (int i = 0; i < options.retiring_keys_size(); ++i) {
    auto key = read_key(options.retiring_keys(i), name);
    if (!key.ok()) return at_field(absl::StrCat("log.retiring_keys[", i, "]"), key.status());
    keys.push_back(*std::move(key));
  }
  return keys;
}

}  // namespace harvest::notary
