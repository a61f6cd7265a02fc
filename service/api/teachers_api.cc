#include "service/api/teachers_api.h"

#include "absl/strings/str_cat.h"
#include "service/api/unary.h"

namespace harvest::api {

grpc::ServerUnaryReactor* TeachersApi::ListTeachers(grpc::CallbackServerContext* context,
                                                    const v1::ListTeachersRequest*, v1::ListTeachersReply* reply) {
  return answer(door_, context, reply, [this]() -> absl::StatusOr<v1::ListTeachersReply> {
    v1::ListTeachersReply all;
    for (v1::TeacherStatus& status : control_.teachers()) *all.add_teachers() = std::move(status);
    return all;
  });
}

grpc::ServerUnaryReactor* TeachersApi::PauseTeacher(grpc::CallbackServerContext* context,
                                                    const v1::TeacherCommand* request, v1::TeacherStatus* reply) {
  return answer(door_, context, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->name(), request->reason(), *request,
                 [&] { return control_.pause_teacher(request->name(), request->reason()); });
  });
}

grpc::ServerUnaryReactor* TeachersApi::ResumeTeacher(grpc::CallbackServerContext* context,
                                                     const v1::TeacherCommand* request, v1::TeacherStatus* reply) {
  return answer(door_, context, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, request->name(), request->reason(), *request,
                 [&] { return control_.resume_teacher(request->name()); });
  });
}

grpc::ServerUnaryReactor* TeachersApi::ProbeTeacher(grpc::CallbackServerContext* context,
                                                    const v1::ProbeRequest* request, v1::ProbeReply* reply) {
  return answer(door_, context, reply,
                [this, request] { return control_.probe_teacher(request->name(), request->record()); });
}

grpc::ServerUnaryReactor* TeachersApi::ImportPrices(grpc::CallbackServerContext* context,
                                                    const v1::ImportPricesRequest* request,
                                                    v1::ListTeachersReply* reply) {
  return answer(door_, context, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, "", "", *request, [&] { return control_.import_prices(*request); });
  });
}

grpc::ServerUnaryReactor* TeachersApi::ListAlerts(grpc::CallbackServerContext* context, const v1::ListAlertsRequest*,
                                                  v1::ListAlertsReply* reply) {
  return answer(door_, context, reply, [this]() -> absl::StatusOr<v1::ListAlertsReply> {
    v1::ListAlertsReply all;
    for (v1::RightsAlert& alert : control_.alerts()) *all.add_alerts() = std::move(alert);
    return all;
  });
}

grpc::ServerUnaryReactor* TeachersApi::DecideAlert(grpc::CallbackServerContext* context,
                                                   const v1::DecideAlertRequest* request, v1::RightsAlert* reply) {
  return answer(door_, context, reply, [this, context, request](const access::Principal& who) {
    return noted(door_, *context, who, absl::StrCat("alert ", request->number()), request->note(), *request,
                 [&] { return control_.decide_alert(*request, caller_of(who)); });
  });
}

}  // namespace harvest::api
