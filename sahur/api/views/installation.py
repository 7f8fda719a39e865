"""What admins of any team see of the installation: models, upstreams; prices for staff; models to choose for a run."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from sahur.api import installation_shapes as shapes
from sahur.api import serializers
from sahur.api.views.base import ApiView, answer, checked
from sahur.batch import installation, model_rests, upstreams
from sahur.issues import models
from sahur_core.config import InvestigateConfig, Price
from sahur_core.llm.prices import PRICES


class ModelsView(ApiView):
    @extend_schema(operation_id="getModels", responses=shapes.Models)
    def get(self, request: Request) -> Response:
        """The configured models with their states and prices, without any key. For admins of any team."""
        used = installation.models_in_use(self.actor)
        problem = used.problem and shapes.SettingProblem(detail=used.problem.message, next_step=used.problem.next_step)
        unpriced = installation.unpriced_models(self.actor)
        built_in = [shapes.BuiltInPrice(name=name, **price.model_dump()) for name, price in PRICES.items()]
        told = shapes.Models(
            models=[_model(each) for each in used.models],
            problem=problem,
            knows_rests=used.knows_rests,
            context_chars=InvestigateConfig().max_context_chars,
            prices=[_price(row) for row in installation.list_prices(self.actor)],
            built_in_prices=sorted(built_in, key=lambda each: each.name),
            unpriced=[shapes.UnpricedModel(name=each.name, calls=each.calls) for each in unpriced],
        )
        return answer(told)


class ModelChoicesView(ApiView):
    @extend_schema(operation_id="listModelChoices", responses=shapes.ModelChoices)
    def get(self, request: Request) -> Response:
        """The models that a run may be asked to use; the first one is used when none is named."""
        found = [
            shapes.ModelChoice(name=config.name, is_default=position == 0, rest=_rest(rest))
            for position, (config, rest) in enumerate(installation.model_choices())
        ]
        return answer(shapes.ModelChoices(results=found))


class ModelPriceView(ApiView):
    @extend_schema(operation_id="setModelPrice", request=serializers.ModelPrice, responses=shapes.ModelPrice)
    def put(self, request: Request, name: str) -> Response:
        """Keep what models cost whose names begin like this. Workers notice within half a minute. For staff."""
        form = checked(serializers.ModelPrice, request.data)
        return answer(_price(installation.set_price(self.actor, name, Price(**form))))

    @extend_schema(operation_id="removeModelPrice", responses={204: None})
    def delete(self, request: Request, name: str) -> Response:
        """The built-in list holds again for these models, if it knows them. For staff."""
        installation.remove_price(self.actor, name)
        return Response(status=204)


class UpstreamsView(ApiView):
    @extend_schema(operation_id="listUpstreams", responses=shapes.Upstreams)
    def get(self, request: Request) -> Response:
        """The servers behind the gateway with their tools, and what may be done with them. For admins of any team."""
        known = upstreams.list_upstreams(self.actor)
        gateway = known.gateway
        told = shapes.Upstreams(
            version=gateway.version,
            loaded_at=gateway.loaded_at,
            configuration_problem=gateway.configuration_problem,
            receipts_problem=gateway.receipts_problem,
            upstreams=[_upstream(each) for each in known.upstreams],
        )
        return answer(told)


def _upstream(known: upstreams.KnownUpstream) -> shapes.Upstream:
    state = known.state
    own = {name: getattr(known, name) for name in ("problem", "last_failure", "calls", "errors", "last_called_at")}
    of_state = {name: getattr(state, name) for name in shapes.Upstream.model_fields if name not in own and hasattr(state, name)}
    tools = [each.state.model_dump() | {"reason": each.reason} for each in known.tools]
    return shapes.Upstream.model_validate(of_state | own | {"rules": state.policy.model_dump(), "tools": tools})


def _model(used: installation.ModelInUse) -> shapes.ConfiguredModel:
    found = used.price
    price = found and shapes.PriceInUse(
        **found.price.model_dump(), name=found.name, source="own" if found.is_edited else "built_in"
    )
    return shapes.ConfiguredModel(
        name=used.config.name,
        vendor=used.vendor,
        host=used.host,
        key=used.key.value,
        parts=[part.value for part in used.parts],
        timeout_seconds=used.config.timeout_seconds,
        max_answer_tokens=used.config.max_answer_tokens,
        rest=_rest(used.rest),
        price=price,
    )


def _rest(rest: model_rests.Rest | None) -> shapes.ModelRest | None:
    return shapes.ModelRest(until=rest.until, reason=rest.reason) if rest else None


def _price(row: models.ModelPrice) -> shapes.ModelPrice:
    return shapes.ModelPrice.model_validate(row, from_attributes=True)
