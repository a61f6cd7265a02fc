"""The reading plan: every record once, whatever the number of ranks and workers and wherever it is cut."""

import hashlib
import itertools
import random
import unittest

from harvest_client.plan import Permutation, Plan, Share


def digest(name):
    return hashlib.sha256(str(name).encode()).hexdigest()


def shards_of(rows):
    return [(digest(f"shard {i}"), count) for i, count in enumerate(rows)]


def everything(rows, without=()):
    return sorted((i, row) for i, count in enumerate(rows) if i not in without for row in range(count))


ROWS = [[], [0], [1], [5], [3, 0, 4], [10, 1, 1, 7, 20], [2] * 11, [97, 13, 50]]


class PermutationTest(unittest.TestCase):
    def test_is_one_to_one_for_every_size(self):
        for size in [*range(70), 255, 256, 257, 1000, 4099]:
            order = Permutation(size, b"key")
            self.assertEqual(sorted(order[i] for i in range(size)), list(range(size)))

    def test_differs_by_key(self):
        one, other = Permutation(100, b"one"), Permutation(100, b"other")
        self.assertNotEqual([one[i] for i in range(100)], [other[i] for i in range(100)])

    def test_leaves_no_trace_of_the_old_order(self):
        """Where 400 rows go under 200 keys: each place's mean is near the middle, neighbours do not stay together."""
        size, keys = 400, 200
        orders = [Permutation(size, bytes([k])) for k in range(keys)]
        for at in (0, 1, 199, 399):
            mean = sum(order[at] for order in orders) / keys
            self.assertLess(abs(mean - size / 2), 5 * (size / 12**0.5) / keys**0.5)
        together = sum(abs(order[i] - order[i + 1]) == 1 for order in orders for i in range(size - 1))
        self.assertLess(together / (keys * (size - 1)), 2.5 * 2 / size)

    def test_knows_its_bounds(self):
        for wrong in (-1, 3):
            with self.assertRaises(IndexError):
                Permutation(3, b"key")[wrong]


class PlanTest(unittest.TestCase):
    def test_holds_every_record_once(self):
        for rows, mix, seed in itertools.product(ROWS, (1, 2, 4, 100), (0, 7)):
            plan = Plan(digest("m"), shards_of(rows), seed, mix=mix)
            self.assertEqual(sorted(plan.locate(p) for p in range(len(plan))), everything(rows))

    def test_is_the_same_for_the_same_input_alone(self):
        def order(**changes):
            given = {"digest": digest("m"), "shards": shards_of([50, 60, 70]), "seed": 1, "epoch": 2, "mix": 2, **changes}
            plan = Plan(**given)
            return [plan.locate(p) for p in range(len(plan))]

        self.assertEqual(order(), order())
        for change in ({"digest": digest("n")}, {"seed": 2}, {"epoch": 3}, {"mix": 1}):
            self.assertNotEqual(order(), order(**change), change)

    def test_stands_as_it_was_first_published(self):
        """A state that was saved by an earlier release must still mean the same place."""
        plan = Plan(digest("m"), shards_of([5, 6, 7]), seed=3, epoch=1, mix=2)
        self.assertEqual([plan.locate(p) for p in range(18)], PUBLISHED)

    def test_leaves_out_what_was_recalled_and_moves_nothing_before_it(self):
        rows = [9, 4, 12, 7, 30, 1, 8]
        shards = shards_of(rows)
        whole = Plan(digest("m"), shards, mix=2)
        for block in whole.blocks:
            gone = block.shards[0]
            plan = Plan(digest("m"), shards, mix=2, recalled={shards[gone][0]})
            self.assertEqual(sorted(plan.locate(p) for p in range(len(plan))), everything(rows, without=[gone]))
            for position in range(block.first):
                self.assertEqual(plan.locate(position), whole.locate(position))

    def test_refuses_what_makes_no_sense(self):
        with self.assertRaisesRegex(ValueError, "mix: found 0"):
            Plan(digest("m"), [], mix=0)
        for wrong in ({"rank": 2, "world_size": 2}, {"rank": -1}, {"worker": 1}, {"chunk": 0}):
            with self.assertRaises(ValueError):
                Share(**wrong)


class ShareTest(unittest.TestCase):
    def read(self, records, world, start=0, workers=1, chunk=1, even=False):
        return [[list(Share(rank, world, worker, workers, chunk, even).positions(start, records)) for worker in range(workers)]
                for rank in range(world)]

    def test_every_position_goes_to_one_reader(self):
        for records, world, workers, chunk in itertools.product((0, 1, 7, 100, 101), (1, 2, 3, 8), (1, 2, 5), (1, 4)):
            ranks = self.read(records, world, 0, workers, chunk)
            self.assertEqual(sorted(p for rank in ranks for worker in rank for p in worker), list(range(records)))
            sizes = [sum(map(len, rank)) for rank in ranks]
            self.assertLessEqual(max(sizes) - min(sizes), 1)

    def test_even_ranks_have_the_same_number(self):
        for records, world, workers in itertools.product((0, 1, 7, 100, 101), (1, 2, 3, 8), (1, 3)):
            ranks = self.read(records, world, 0, workers, even=True)
            self.assertEqual({sum(map(len, rank)) for rank in ranks}, {records // world})

    def test_workers_do_not_change_what_a_rank_sees(self):
        """A loader takes a batch from each worker in turn."""
        for workers, batch in itertools.product((2, 3), (1, 4)):
            alone = self.read(103, 2)[1][0]
            queues = self.read(103, 2, 0, workers, chunk=batch)[1]
            seen = []
            while any(queues):
                for queue in queues:
                    seen += queue[:batch]
                    del queue[:batch]
            self.assertEqual(seen, alone)

    def test_goes_on_with_any_world_size_at_any_step(self):
        random_cuts = random.Random(5)
        for records, first, second in itertools.product((1, 50, 103), (1, 2, 3, 8), (1, 2, 5)):
            step = random_cuts.randint(0, records // first)
            before = [p for (rank,) in self.read(records, first) for p in rank[:step]]
            after = [p for (rank,) in self.read(records, second, step * first) for p in rank]
            self.assertEqual(sorted(before + after), list(range(records)))


PUBLISHED = [(0, 1), (1, 2), (0, 3), (1, 3), (1, 1), (1, 5), (0, 4), (0, 0), (0, 2), (1, 0),
             (1, 4), (2, 0), (2, 1), (2, 6), (2, 5), (2, 2), (2, 3), (2, 4)]


if __name__ == "__main__":
    unittest.main()
