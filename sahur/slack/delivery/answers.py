"""How a run ended, as messages of its own: the first one, and where it does not hold everything, further ones in their order."""

from __future__ import annotations

from sahur.batch.effects import DeliveryError
from sahur.issues import mapping, models
from sahur.issues.services import effects, slack_threads
from sahur.slack.blocks.answer import answer, short_answer
from sahur.slack.blocks.block_kit import Post
from sahur.slack.blocks.card import page_of
from sahur.slack.blocks.citations import citations_of
from sahur.slack.delivery.posts import AFTER_CARD_SECONDS, Result, after_card, has_left, post_once, posted_by, run_of
from sahur.slack.visibility import sight_of, told_at
from sahur_core.events import RunCanceled


def deliver_answer(effect: models.Effect) -> Result:
    """The further messages are planned before the first one is posted, so that no crash can lose them."""
    after_card(effect)
    posts = answer_of(effect)
    if not posts:
        return {}
    effects.plan_answer_parts(effect, len(posts))
    return post_once(effect, posts[0])


def deliver_answer_part(effect: models.Effect) -> Result:
    number = int(effect.payload["part"])
    earlier = (
        posted_by(effect, "slack.answer_part", payload__part=number - 1) if number > 2 else posted_by(effect, "slack.answer")
    )
    if earlier is None or earlier.state == models.EffectState.FAILED:
        raise DeliveryError("The message before it was not posted.", permanent=True)
    if earlier.state != models.EffectState.DONE:
        raise DeliveryError("The message before it comes first.", retry_after=AFTER_CARD_SECONDS, is_untried=True)
    posts = answer_of(effect)
    # The thread's readers may see less by now.
    return post_once(effect, posts[number - 1]) if number <= len(posts) else {}


def answer_of(effect: models.Effect) -> list[Post]:
    """As the thread's readers may see it; nothing where the thread has left meanwhile, as its card says."""
    run, thread = run_of(effect), effect.thread
    if thread is None:
        raise DeliveryError("The issue names no Slack thread to answer in.", permanent=True)
    if has_left(run, thread):
        return []
    sight = sight_of(run, thread)
    row = models.Solution.objects.filter(run=run).first()
    end = effect.payload.get("event", {})
    canceled = sight.canceled(RunCanceled.model_validate(end)) if end.get("kind") == "run.canceled" else None
    if not sight.is_whole and run.failure:
        run.failure = {**run.failure, "cause": sight.says(str(run.failure.get("cause", "")), "It is told on the page.")}
    found = sight.solution(mapping.solution(row)) if row else None
    if slack_threads.is_told_in_short(thread):
        return [short_answer(run, found, canceled, told_at=told_at(run.issue, thread))]
    evidence = [mapping.evidence(fact) for fact in models.Evidence.objects.filter(run=run).order_by("number")] if row else []
    citations = citations_of(run, page_of(run), sight.evidence(evidence), with_report=sight.shows_report)
    return answer(run, found, canceled, citations, title=sight.title(run.issue))
