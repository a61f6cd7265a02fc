#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "service/flow/ready.h"

namespace harvest::flow {

/// May samples of one prompt be one request? Not with a stated seed, since each has one of its own then, nor at
/// temperature 0, where servers refuse to give more than one.
bool may_be_joined(const v1::Sampling& sampling);

/// Joins neighbours that one attempt can ask for at once: samples of one prompt, in order, that wait alike (both fresh,
/// or due at the same time with the same history) for the same teachers, none of whose answers is known yet;
/// conversations go each their own way. A group holds its prompt once, and as many samples as the most modest of its
/// teachers gives to one request: `choices_max`, by its index. Pure.
void join_samples(std::vector<ReadyPtr>& queries, const std::function<uint32_t(uint32_t teacher)>& choices_max);

}  // namespace harvest::flow
