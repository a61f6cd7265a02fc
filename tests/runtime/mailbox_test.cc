#include "service/runtime/mailbox.h"

#include <catch2/catch.hpp>
#include <future>
#include <memory>
#include <thread>

#include "service/runtime/lane.h"

using harvest::runtime::Lane;
using harvest::runtime::Mailbox;

TEST_CASE("values pushed while the lane is busy arrive as one batch", "[runtime]") {
  boost::asio::io_context lane;
  std::vector<std::vector<int>> batches;
  Mailbox<int> mailbox(lane, [&](std::vector<int> batch) { batches.push_back(std::move(batch)); });
  for (int i = 0; i < 3; ++i) mailbox.push(i);
  CHECK(lane.run() == 1);  // one wake-up for the three
  mailbox.push(3);
  lane.restart();
  lane.run();
  REQUIRE(batches.size() == 2);
  CHECK(batches[0] == std::vector<int>{0, 1, 2});
  CHECK(batches[1] == std::vector<int>{3});
}

TEST_CASE("many senders lose nothing and each keeps its order", "[runtime]") {
  constexpr int kSenders = 4, kEach = 20000;
  struct Letter {
    int sender, number;
  };
  std::vector<int> next(kSenders, 0);
  int received = 0;
  bool in_order = true;
  std::promise<void> all;
  Lane lane("test");
  Mailbox<Letter> mailbox(lane.context(), [&](std::vector<Letter> batch) {
    for (const Letter& letter : batch) in_order = in_order && next[letter.sender]++ == letter.number;
    received += static_cast<int>(batch.size());
    if (received == kSenders * kEach) all.set_value();
  });
  std::vector<std::thread> senders;
  for (int sender = 0; sender < kSenders; ++sender)
    senders.emplace_back([&mailbox, sender] {
      for (int i = 0; i < kEach; ++i) mailbox.push({sender, i});
    });
  for (std::thread& sender : senders) sender.join();
  REQUIRE(all.get_future().wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  lane.finish();
  CHECK(received == kSenders * kEach);
  CHECK(in_order);
}

TEST_CASE("a mailbox destroyed with a wake-up under way drops its values", "[runtime]") {
  boost::asio::io_context lane;
  auto value = std::make_shared<int>(1);
  bool received = false;
  {
    Mailbox<std::shared_ptr<int>> mailbox(lane, [&](auto) { received = true; });
    mailbox.push(value);
  }
  lane.run();
  CHECK_FALSE(received);
  CHECK(value.use_count() == 1);
}
